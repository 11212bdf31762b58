export { failureInWords } from './failure-in-words.ts';
export { makeFolder } from './make-folder.ts';
export { writeWhole } from './write-whole.ts';
