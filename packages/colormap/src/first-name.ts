/** The first of a list of synonyms, as ImageNet names its classes: "tench" of "tench, Tinca tinca". */
export function firstName(name: string): string {
  return name.split(',')[0]!.trim() || name;
}
