/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What can be known of a provided descriptor without knowing its kind.
 */
#include "core/registry/registry.h"

#include <bellbird/app.h>
#include <bellbird/bridge.h>
#include <bellbird/bus.h>
#include <bellbird/cdr.h>
#include <bellbird/cli.h>
#include <bellbird/file_format.h>
#include <bellbird/func.h>
#include <bellbird/translator.h>

static const struct {
	const char *name, *holder;
} kinds[] = {
	[BB_KIND_NONE] = { "nothing", "user" },
	[BB_KIND_APP] = { "application", "running application" },
	[BB_KIND_FUNC] = { "function", "running function" },
	[BB_KIND_CHAN] = { "channel driver", "channel" },
	[BB_KIND_BRIDGE] = { "bridge technique", "bridge" },
	[BB_KIND_CODEC] = { "codec", "codec" },
	[BB_KIND_TRANSLATOR] = { "translator", "translator" },
	[BB_KIND_FILE_FORMAT] = { "file format", "open file" },
	[BB_KIND_CDR_SINK] = { "call record sink", "call record sink" },
	[BB_KIND_LISTENER] = { "event listener", "event listener" },
	[BB_KIND_CLI] = { "command", "running command" },
	[BB_KIND_SERVICE] = { "service", "module" },
	[BB_KIND_EXTENSION] = { "extension", "extension" },
};

const char *bb_kind_name(enum bb_kind kind)
{
	return (size_t)kind < BB_ARRAY_SIZE(kinds) ? kinds[kind].name : "?";
}

const char *bb_kind_holder(enum bb_kind kind)
{
	return (size_t)kind < BB_ARRAY_SIZE(kinds) ? kinds[kind].holder : "user";
}

const char *bb_provide_name(const struct bb_provide *p)
{
	switch (p->kind) {
	case BB_KIND_APP:
		return p->u.app->name;
	case BB_KIND_FUNC:
		return p->u.func->name;
	case BB_KIND_CHAN:
		return p->u.chan->tech;
	case BB_KIND_BRIDGE:
		return p->u.bridge->name;
	case BB_KIND_CODEC:
		return p->u.codec->name;
	case BB_KIND_TRANSLATOR:
		return p->u.translator->from;
	case BB_KIND_FILE_FORMAT:
		return p->u.file_format->name;
	case BB_KIND_CDR_SINK:
		return p->u.cdr_sink->name;
	case BB_KIND_LISTENER:
		return p->u.listener->name;
	case BB_KIND_CLI:
		return p->u.cli->words;
	case BB_KIND_SERVICE:
		return p->u.service->name;
	case BB_KIND_EXTENSION:
		return p->u.extension->name;
	case BB_KIND_NONE:
		break;
	}
	return NULL;
}

const struct bb_doc *bb_provide_doc(const struct bb_provide *p)
{
	switch (p->kind) {
	case BB_KIND_APP:
		return &p->u.app->doc;
	case BB_KIND_FUNC:
		return &p->u.func->doc;
	case BB_KIND_CHAN:
		return &p->u.chan->doc;
	case BB_KIND_BRIDGE:
		return &p->u.bridge->doc;
	case BB_KIND_CODEC:
		return &p->u.codec->doc;
	case BB_KIND_TRANSLATOR:
		return &p->u.translator->doc;
	case BB_KIND_FILE_FORMAT:
		return &p->u.file_format->doc;
	case BB_KIND_CDR_SINK:
		return &p->u.cdr_sink->doc;
	case BB_KIND_LISTENER:
		return &p->u.listener->doc;
	case BB_KIND_CLI:
		return &p->u.cli->doc;
	case BB_KIND_SERVICE:
		return &p->u.service->doc;
	case BB_KIND_EXTENSION: /* documented by the point it plugs into */
	case BB_KIND_NONE:
		break;
	}
	return NULL;
}

const struct bb_field *bb_provide_fields(const struct bb_provide *p)
{
	switch (p->kind) {
	case BB_KIND_APP:
		return p->u.app->args;
	case BB_KIND_FUNC:
		return p->u.func->args;
	case BB_KIND_CLI:
		return p->u.cli->args;
	default:
		return NULL;
	}
}

size_t bb_provide_args_size(const struct bb_provide *p)
{
	switch (p->kind) {
	case BB_KIND_APP:
		return p->u.app->args_size;
	case BB_KIND_FUNC:
		return p->u.func->args_size;
	case BB_KIND_CLI:
		return p->u.cli->args_size;
	default:
		return 0;
	}
}

const char *const *bb_provide_aliases(const struct bb_provide *p)
{
	if (p->kind == BB_KIND_CHAN)
		return p->u.chan->aliases;
	return p->kind == BB_KIND_CLI ? p->u.cli->aliases : NULL;
}

/* Unique within the kind. */
char *bb_provide_key(const struct bb_provide *p)
{
	const char *name = bb_provide_name(p);

	if (p->kind == BB_KIND_TRANSLATOR)
		return bb_sprintf("%s>%s", name, p->u.translator->to);
	if (p->kind == BB_KIND_EXTENSION)
		return bb_sprintf("%s:%s:%s", p->u.extension->service, p->u.extension->point,
				  name ? name : "");
	return bb_sprintf("%s", name ? name : "");
}
