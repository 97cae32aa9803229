/* SPDX-License-Identifier: MIT */
/*
 * A program that is to be recorded: where it is, and whether a preloaded
 * library can see it at all.
 */
#ifndef TOOLS_CMSHIM_PROGRAM_H
#define TOOLS_CMSHIM_PROGRAM_H

/*
 * Finds the file that execvp(3) would run for name.  Returns 0 and a path to
 * free, or what fail() returned.
 */
int program_find(const char *name, char **path);

/*
 * Says why the program cannot be recorded, and returns what fail() returned;
 * 0 if nothing speaks against it.  Of a script the interpreter is looked at.
 */
int program_check(const char *path, const char *shim);

#endif
