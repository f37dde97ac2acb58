// A bug that nobody foresaw, at a moment that the test chooses: SIGWINCH is a signal that nothing else listens to here.
process.on("SIGWINCH", () => {
  if (process.env.PLANTED === "throw") throw new RangeError("planted");
  if (process.env.PLANTED === "reject") void Promise.reject(new RangeError("planted"));
  if (process.env.PLANTED === "exit") process.exit(9);
});
