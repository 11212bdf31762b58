export { failureInWords } from './failure-in-words.ts';
export { makeFolder } from './make-folder.ts';
export { noFileInWords } from './no-file-in-words.ts';
export { writeWhole } from './write-whole.ts';
