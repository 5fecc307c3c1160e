// SQLite is native code, which no bundler can take along.
export default { serverExternalPackages: ['@app/server'] }
