/** tfjs runs half as many threads as there are cores: without this, a machine of two would test none. */
export function pretendFourCores(): void {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
}
