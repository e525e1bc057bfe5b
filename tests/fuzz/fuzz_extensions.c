/* SPDX-License-Identifier: BSD-3-Clause */
/* extensions.conf: a plan is built of anything, judged, searched, and freed. */
#include "core/dialplan/dialplan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const digits[] = { "", "1", "100", "12345", "_1XX", "s" };
	struct bb_conf_text *conf = NULL;
	struct bb_plan *plan = NULL;
	struct bb_diag *d = NULL;

	if (bb_diag_new(&d))
		return 0;
	if (bb_conf_text_parse(&conf, NULL, "extensions.conf", bb_strn((const char *)data, size),
			       d) == 0 &&
	    bb_plan_build(&plan, conf, d) == 0) {
		bb_plan_check(plan, NULL, d);
		bb_list_each (n, &plan->order) {
			struct bb_context *c = bb_list_entry(n, struct bb_context, order);

			for (size_t i = 0; i < BB_ARRAY_SIZE(digits) * 3; i++) {
				struct bb_find f = { .context = bb_strz(c->name),
						     .exten = bb_strz(digits[i / 3]),
						     .prio = 1,
						     .mode = (enum bb_match_mode)(i % 3) };

				bb_plan_find(plan, &f);
			}
		}
		bb_plan_unref(plan);
	}
	bb_conf_text_free(conf);
	bb_diag_free(d);
	return 0;
}
