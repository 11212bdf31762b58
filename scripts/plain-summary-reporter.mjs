/** Closes a run with one plain line, "N passed, N failed, N skipped", that any log reader understands. */
export default class PlainSummaryReporter {
  /** Figures that a test notes, which vitest shows of failed tests only. */
  onTestCaseAnnotate(test, { message }) {
    console.log(`${test.name}: ${message}`);
  }

  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (!module.ok() && [...module.children.allTests()].length === 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    // A suite that has no test yet says nothing, so that its zeros do not close a log.
    if (Object.values(count).every((number) => number === 0)) return;
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`);
  }
}
