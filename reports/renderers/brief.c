/* SPDX-License-Identifier: MIT */
/*
 * One line a finding: severity, rule, object.  The object is the rest of the
 * line, for its name may have spaces; it is "-" where there is none.
 */
#include "show/renderer.h"

static int render(const struct document *doc, const struct render_options *how,
		  FILE *out)
{
	(void)how;
	for (size_t i = 0; i < doc->n_findings; i++) {
		const struct shown_finding *f = &doc->findings[i];

		if (f->suppressed_by)
			continue;
		fprintf(out, "%s %s %s\n", level_name(f->level), f->rule->id,
			f->object ? f->object->name : "-");
	}
	return 0;
}

const struct renderer renderer_brief = {
	.name = "brief",
	.help = "one line a finding: severity, rule, object",
	.render = render,
};
