/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include "process.h"
#include "sys.h"

static bool is_on_own_stack(const struct context *c, const void *frame)
{
	return (uintptr_t)frame >= c->stack_low &&
	       (uintptr_t)frame <= c->stack_high;
}

bool owner_is_here(struct context *c, const void *frame)
{
	if (!c->is_lent &&
	    (is_on_own_stack(c, frame) || owner_was_here(c, frame)))
		return true;
	/* Behind a fence that cannot be asked. */
	if (process_is_fenced())
		return !c->is_lent;
	if ((uint32_t)sys_call3(SYS_gettid, 0, 0, 0) != c->kernel_id)
		return false;
	c->elsewhere[owner_place(frame)] = owner_page(c, frame);
	return true;
}

void owner_lends(const void *frame)
{
	struct context *c = context_enter(frame);

	if (c)
		context_leave(c);
	if (context_self)
		context_self->is_lent = true;
}
