// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the simulator cannot write in C#: changing stacks.
 *
 * A simulated thread is a stack. wq_sim_switch() saves the callee-saved registers
 * on the running one and takes those of another from its stack; the C# caller sees
 * an ordinary foreign call that returns later. The library has the name of the
 * engine's glue and stands in for it, so it also has the one symbol of the glue
 * that Core asks for by name: there is no fork() in a simulation.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

void wq_sim_switch(void **save, void *to);
void wq_sim_catch_faults(void **outside, const char *scenario, const uint64_t *seed);
void wq_sim_begin(void);
void *wq_sim_prepare(void *top, void (*entry)(void));
int wq_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

#if defined(__x86_64__)

__asm__(".text\n"
	".globl wq_sim_switch\n"
	".type wq_sim_switch, @function\n"
	"wq_sim_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".globl wq_sim_begin\n"
	".type wq_sim_begin, @function\n"
	"wq_sim_begin:\n"
	"	call *%rbx\n"
	"	ud2\n");

void *wq_sim_prepare(void *top, void (*entry)(void))
{
	void **sp = (void **)((uintptr_t)top & ~(uintptr_t)15);

	*--sp = 0;
	*--sp = 0;
	*--sp = (void *)wq_sim_begin; /* returned to with the stack aligned to 16 */
	*--sp = 0;		      /* rbp */
	*--sp = (void *)entry;	      /* rbx */
	for (int i = 0; i < 4; i++)
		*--sp = 0; /* r12 to r15 */
	return sp;
}

#elif defined(__aarch64__)

__asm__(".text\n"
	".globl wq_sim_switch\n"
	".type wq_sim_switch, %function\n"
	"wq_sim_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".globl wq_sim_begin\n"
	".type wq_sim_begin, %function\n"
	"wq_sim_begin:\n"
	"	blr x19\n"
	"	brk #0\n");

void *wq_sim_prepare(void *top, void (*entry)(void))
{
	void **sp = (void **)(((uintptr_t)top & ~(uintptr_t)15) - 160);

	for (int i = 0; i < 20; i++)
		sp[i] = 0;
	sp[0] = (void *)entry;
	sp[11] = (void *)wq_sim_begin;
	return sp;
}

#else
#error "the simulator switches stacks on x86-64 and arm64 only"
#endif

/*
 * A bad pointer of the engine's on a simulated stack: the runtime could not unwind
 * it, so the run ends there and then. The signal returns into fault(), which goes
 * on with the stack outside of the simulation. While that runs, *outside is null
 * and faults are the runtime's as always.
 */
static void **outside_stack;
static char fault_stack[16384]; /* the simulated one may be what was spoilt */
static struct sigaction others;
static const char *scenario_name;
static const uint64_t *scenario_seed;

static void fault(void)
{
	void *abandoned;
	void *outside = *outside_stack;

	*outside_stack = 0;
	wq_sim_switch(&abandoned, outside);
}

/* A bug that spoils stacks or the runtime takes the process along: then at least say which run it was. */
static void say_which(void)
{
	char line[160];
	int length = snprintf(line, sizeof(line),
			      "the simulator itself dies: ./build.sh sim --scenario %s --seed %llu\n",
			      scenario_name, (unsigned long long)*scenario_seed);

	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		_exit(2);
}

static void on_abort(int signal)
{
	(void)signal;
	say_which();
	_exit(1);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	if (!*outside_stack) {
		say_which();
		others.sa_sigaction(signal, info, context);
		return;
	}
	ucontext_t *uc = context;
#if defined(__x86_64__)
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(((uintptr_t)(fault_stack + sizeof(fault_stack)) & ~(uintptr_t)15) - 8);
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)fault;
#else
	uc->uc_mcontext.sp = (uintptr_t)(fault_stack + sizeof(fault_stack)) & ~(uintptr_t)15;
	uc->uc_mcontext.pc = (uintptr_t)fault;
#endif
}

void wq_sim_catch_faults(void **outside, const char *scenario, const uint64_t *seed)
{
	struct sigaction action = { 0 };

	outside_stack = outside;
	action.sa_sigaction = on_fault;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSEGV, &action, &others);
	scenario_name = scenario;
	scenario_seed = seed;
	signal(SIGABRT, on_abort);
}

int wq_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	(void)prepare;
	(void)parent;
	(void)child;
	return 0;
}
