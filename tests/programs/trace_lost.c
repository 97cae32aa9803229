/* SPDX-License-Identifier: MIT */
/*
 * trace_lost TRACE
 *
 * Prints how many events were lost for want of room for their objects, without
 * reading the rest of a trace that may be large.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmshim/trace.h"

int main(int argc, char **argv)
{
	struct cmshim_header head;
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;

	if (!f || fread(&head, sizeof(head), 1, f) != 1 ||
	    memcmp(head.magic, CMSHIM_TRACE_MAGIC, sizeof(head.magic)) != 0) {
		fprintf(stderr, "trace_lost: no trace\n");
		return 2;
	}
	printf("%" PRIu64 "\n", head.lost[CMSHIM_LOST_OBJECTS]);
	return fclose(f) != 0;
}
