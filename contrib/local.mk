# contrib
EXTRA_DIST += contrib/common.sh contrib/up contrib/test contrib/demo.py contrib/options contrib/lint contrib/new-module contrib/examples
EXTRA_DIST += contrib/bellbird.service.in contrib/bellbird.logrotate.in

# For systemd and logrotate, with this prefix's paths in them. The unit is installed, the other one is an example.
systemdunitdir = $(prefix)/lib/systemd/system
systemdunit_DATA = contrib/bellbird.service
logrotatedir = $(docdir)
logrotate_DATA = contrib/bellbird.logrotate
CLEANFILES += $(systemdunit_DATA) $(logrotate_DATA)

contrib/bellbird.service contrib/bellbird.logrotate: contrib/%: contrib/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && sed -e 's|[@]bindir@|$(bindir)|g' -e 's|[@]sysconfdir@|$(sysconfdir)|g' \
		-e 's|[@]localstatedir@|$(localstatedir)|g' $< >$@.new && mv $@.new $@
