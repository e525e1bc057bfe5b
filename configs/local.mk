# A configuration that works as it stands; `make install` leaves existing files alone.
SAMPLE_CONFIGS = configs/pjsip.conf configs/extensions.conf configs/features.conf configs/rtp.conf \
	configs/musiconhold.conf configs/indications.conf configs/logger.conf
EXTRA_DIST += $(SAMPLE_CONFIGS)
samplesdir = $(datadir)/bellbird/samples
samples_DATA = $(SAMPLE_CONFIGS)
