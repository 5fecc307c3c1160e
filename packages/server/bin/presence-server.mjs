#!/usr/bin/env node
// Committed as it is, so that npm links the program before anything is built.
import '../dist/cli.js'
