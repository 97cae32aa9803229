/* SPDX-License-Identifier: MIT */
/*
 * system() and popen(), whose shells are recorded too.
 *
 * traces: 3
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	char line[64] = "";
	int status;
	FILE *f;

	pthread_mutex_lock(&m);
	status = system("exit 3");
	IS(3, WEXITSTATUS(status));
	pthread_mutex_unlock(&m);

	f = popen("echo hello; exit 4", "r");
	must(f != NULL, "popen");
	must(fgets(line, sizeof(line), f) != NULL, "read from it");
	printf("%s", line);
	status = pclose(f);
	IS(4, WEXITSTATUS(status));
	return 0;
}
