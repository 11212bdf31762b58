const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a path through something that is not a folder',
  EISDIR: 'a folder where a file was expected',
  EEXIST: 'a file where a folder was expected',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a disk that can only be read',
  ENOSPC: 'no space left on the disk',
  EDQUOT: "no space left in this user's share of the disk",
  ERR_FS_FILE_TOO_LARGE: 'more than the 2 GiB that Node reads at once',
};

/** What a failed call of `node:fs` came upon, for the `got` of an error; its own message where no word is known. */
export function failureInWords(cause: unknown): string {
  const { code, message, syscall } = cause as NodeJS.ErrnoException;
  // Of `readdir`, whose path itself is no folder.
  if (code === 'ENOTDIR' && syscall === 'scandir') return REASONS.EEXIST!;
  return REASONS[code ?? ''] ?? message;
}
