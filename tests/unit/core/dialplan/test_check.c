/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

static const struct {
	const char *text, *said;
} plans[] = {
	{ "[a]\nexten => 1,1,NoOp(${EXTEN})\nsame => n,Goto(b,s,1)\n[b]\nexten => s,1,End\n", "" },
	{ "[a]\nexten => 1,1,Hangip()\n",
	  "2:14 there is no application 'Hangip'; did you mean 'Hangup'?\n" },
	{ "[a]\nexten => 1,1,Voicemail(1)\nsame => n,VoiceMail(2)\n", NULL },
	{ "[a]\nexten => 1,1,NoOp(${CALERID(num)})\n", NULL },
	{ "[a]\nexten => 1,1,Goto(nowhere,s,1)\n", "2:19 there is no context 'nowhere'\n" },
	{ "[a]\nexten => 1,1,Goto(2,1)\n", "2:19 there is no extension '2' in context 'a'\n" },
	{ "[a]\nexten => 1,1,Goto(lab)\n", "2:19 '1' in context 'a' has no label 'lab'\n" },
	{ "[a]\nexten => _1X,1,GotoIf($[1]?l:${X})\nsame => n(l),End\n", "" },
	{ "[a]\nexten => _1X,1,GotoIf($[1]?m)\n", "2:28 '_1X' in context 'a' has no label 'm'\n" },
	{ "[a]\nexten => 1,1,Gosub(sub,s,1(${X}))\n", "2:20 there is no context 'sub'\n" },
	{ "[a]\ninclude => bb\n[b]\n",
	  "2:12 included context 'bb' does not exist; did you mean 'b'?\n" },
	{ "[a]\ninclude => parkedcalls\n",
	  "2:12 included context 'parkedcalls' is of parking, which is not built here\n" },
	{ "[a]\nexten => 1,1,NoOp(${X)\n", "2:19 '${' without its '}'\n" },
	{ "[a]\nexten => 1,1,NoOp($[1 + )\n", "2:19 '$[' without its ']'\n" },
	{ "[a]\nexten => 1,1,NoOp($[(1 + 2])\n",
	  "2:27 expression $[(1 + 2]: '(' that is never closed\n" },
	{ "[a]\nexten => 1,1,NoOp(${LEN(${X})}${TOUPPER(a})\n", NULL },
	{ "[a]\nexten => 1,1,Sleep(x)\n", NULL },
	{ "[a]\nexten => 1,1,NoOp\nexten => 1,3,NoOp\n",
	  "3:14 priority 3 of '1' is not reached: there is no 2\n" },
	{ "[a]\nexten => 1,1,ExecIf($[1]?Hangip():ExecIf(1?Goto(x,s,1)))\n",
	  "2:26 there is no application 'Hangip'; did you mean 'Hangup'?\n"
	  "2:49 there is no context 'x'\n" },
	{ "[a]\nexten => 1,1,Macro(x)\n",
	  "2:14 there is no application 'Macro' any more, in Asterisk neither; use Gosub\n" },
	{ "[a]\nexten => 1,1,Dial(SIP/1,,U(sub^a)b(subs^s^1(x^y))gG(9^1)B(a^1^1))\n",
	  "2:28 there is no subroutine 'sub'\n"
	  "2:36 there is no context 'subs'\n"
	  "2:53 there is no extension '9' in context 'a'\n" },
	{ "[a]\nexten => 1,1,Dial(Local/2@a&Local/1@a/n&Local/1@b)\n",
	  "2:25 Local/2@a: there is no extension '2' in context 'a'\n"
	  "2:47 Local/1@b: there is no context 'b'\n" },
	{ "[a]\nexten => 1,1,GosubIf($[1]?sub,s,1(a:b):${X},s,1)\n",
	  "2:27 there is no context 'sub'\n" },
	{ "[a]\nexten => 1,1,Background(${X}&${Y},m,,menu)\n",
	  "2:38 there is no context 'menu'\n" },
	{ "[a]\nswitch => Realtime/a@b\nswitch => Realtime/c\nswitch => Relatime/c\n",
	  "2:11 switch => Realtime is not built here; nothing is found through it\n"
	  "4:11 unknown switch 'Relatime'; did you mean 'Realtime'?\n" },
	{ "[a]\nexten => 1,1,Goto(1,1)\nsame => n,NoOp\n",
	  "3:11 priority 2 of '1' is not reached: Goto does not come back\n" },
};

START_TEST(judgement)
{
	struct bb_diag *d = NULL;
	struct bb_plan *plan;

	world_open("[main]\n");
	plan = plan_of(plans[_i].text, &d);
	bb_plan_check(plan, NULL, d);
	if (plans[_i].said)
		ck_assert_str_eq(mistakes(d), plans[_i].said);
	else
		ck_assert_msg(mistakes(d)[0], "nothing said of: %s", plans[_i].text);
	bb_plan_unref(plan);
	bb_diag_free(d);
	world_close();
}
END_TEST

static int known(const struct bb_conf *next, struct bb_str device)
{
	(void)next;
	return bb_str_is(device, "SIP/a") ? 1 : bb_str_starts(device, BB_STR("SIP/")) ? 0 : -ENOSYS;
}

START_TEST(devices)
{
	struct bb_diag *d = NULL;
	struct bb_plan *plan;

	world_open("[main]\n");
	bb_dialplan_device_check(known);
	plan = plan_of("[a]\nexten => 1,1,Dial(SIP/a&SIP/b&${X}&Local/1@a,20)\n", &d);
	bb_plan_check(plan, NULL, d);
	ck_assert_ptr_nonnull(strstr(mistakes(d), "2:25 nothing defines SIP/b\n"));
	ck_assert_ptr_null(strstr(mistakes(d), "SIP/a\n"));
	bb_dialplan_device_check(NULL);
	bb_plan_unref(plan);
	bb_diag_free(d);
	world_close();
}
END_TEST

TCase *check_tests(void)
{
	TCase *t = tcase_create("checker");

	tcase_add_loop_test(t, judgement, 0, BB_ARRAY_SIZE(plans));
	tcase_add_test(t, devices);
	return t;
}
