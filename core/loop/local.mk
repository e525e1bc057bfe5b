# core/loop
libbbcore_a_SOURCES += core/loop/loop.c core/loop/loop_core.h core/loop/world.h \
	core/loop/timer.c core/loop/task.c core/loop/watchdog.c core/loop/net.c core/loop/addr.c \
	core/loop/fiber.c core/loop/fiber.h core/loop/fiber_backend.h \
	core/loop/fiber_switch.h core/loop/fiber_stack.c core/loop/fiber_guard.c \
	core/loop/fiber_asm.c core/loop/fiber_change.S core/loop/fiber_ucontext.c \
	core/loop/fiber_thread.c \
	core/loop/real.c core/loop/real.h core/loop/real_udp.c core/loop/real_tcp.c \
	core/loop/process.c core/loop/pending.c \
	core/loop/sim.c core/loop/sim.h core/loop/sim_udp.c core/loop/sim_tcp.c \
	core/loop/sim_process.c
