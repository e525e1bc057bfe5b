# core/loop
libbbcore_a_SOURCES += core/loop/addr.c core/loop/clock.c core/loop/fiber.h core/loop/loop_core.h
