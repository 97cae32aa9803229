/* SPDX-License-Identifier: MIT */
/*
 * Exceptions thrown by a comparison leave tsearch, tfind and twalk; the tree
 * can be used afterwards by another thread, and no call is still inside.
 *
 * expect: nothing
 */
#include <search.h>
#include <stdexcept>
#include <thread>

#include "program.h"

static int keys[] = { 10, 5, 20, 7 };
static void *root;
static bool throws;

static int compare(const void *a, const void *b)
{
	if (throws)
		throw std::runtime_error("no order");
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

static void visit(const void *, VISIT, int)
{
	throw std::runtime_error("no visit");
}

template <typename call> static void expect_throw(call c)
{
	try {
		c();
		printf("nothing thrown\n");
	} catch (const std::exception &e) {
		printf("thrown: %s\n", e.what());
	}
}

static void user()
{
	throws = true;
	expect_throw([] { tsearch(&keys[2], &root, compare); });
	expect_throw([] { tfind(&keys[0], &root, compare); });
	expect_throw([] { tdelete(&keys[0], &root, compare); });
	expect_throw([] { twalk(root, visit); });
	throws = false;
	must(tsearch(&keys[3], &root, compare) != nullptr, "insert");
}

int main()
{
	tsearch(&keys[0], &root, compare);
	tsearch(&keys[1], &root, compare);
	user();
	std::thread(user).join();
	user();
	return 0;
}
