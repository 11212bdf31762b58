export { houseNumberFonts } from './synthetic/digit-faces.ts';
export { type SyntheticHouseNumberOptions, syntheticHouseNumbers } from './synthetic/house-numbers.ts';
export { HOUSE_NUMBER_PARAMETERS } from './synthetic/parameters.ts';
