#include <bellbird/base.h>
bool bb_str_ieq(struct bb_str a, struct bb_str b) { return a.l == b.l; }
