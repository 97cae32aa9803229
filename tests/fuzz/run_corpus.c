/* SPDX-License-Identifier: MIT */
/*
 * main() of a fuzzer without libFuzzer: every file named is given to it once.
 * A crash is a crash; a file that cannot be read is status 2.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The whole file, to be freed; of just its size, so that a sanitizer sees a
   look behind its end. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *in = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end = -1;

	if (!in)
		return NULL;
	if (fseek(in, 0, SEEK_END) == 0)
		end = ftell(in);
	if (end >= 0 && fseek(in, 0, SEEK_SET) == 0)
		bytes = malloc(end ? (size_t)end : 1);
	if (bytes) {
		*size = (size_t)end;
		if (fread(bytes, 1, *size, in) != *size) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(in);
	return bytes;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t size;
		uint8_t *bytes = read_file(argv[i], &size);

		if (!bytes) {
			fprintf(stderr, "cannot read '%s'\n", argv[i]);
			return 2;
		}
		LLVMFuzzerTestOneInput(bytes, size);
		free(bytes);
	}
	return 0;
}
