/** Pixels of a side of an MNIST digit. */
export const SIDE = 28;
/** Pixels of a digit. */
export const SIZE = SIDE * SIDE;
export const CLASSES = 10;
