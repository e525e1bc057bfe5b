/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_change.S - change the stack, for x86-64 (System V ABI) and
 * arm64 (AAPCS64).
 *
 *	void bb_stack_change(void **from, void *to);
 *	void bb_stack_begin(void);
 *
 * A flow that waits has what the ABI asks a callee to keep on top of its own
 * stack, and is known by its stack pointer. bb_stack_change() puts that of the
 * caller there, stores the stack pointer to *from, and takes up the one of
 * `to`. A new flow's stack is laid out by fiber_asm.c so that it "returns" to
 * bb_stack_begin(), which calls the function with the argument that were
 * given; below it there is nothing, as unwinders are told.
 *
 * The note of control-flow enforcement claims landing pads (IBT, BTI) and no
 * shadow stack, since a return goes to another stack's caller here.
 */
#if defined(__x86_64__)

	.text
	.globl	bb_stack_change
	.hidden	bb_stack_change
	.type	bb_stack_change, @function
	.p2align 4
bb_stack_change:
	.cfi_startproc
	endbr64
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	/* How the two units round and trap; their flags are the caller's. */
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, (%rdi)
	/* The other stack looks the same from here on. */
	movq	%rsi, %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.size	bb_stack_change, . - bb_stack_change

	.globl	bb_stack_begin
	.hidden	bb_stack_begin
	.type	bb_stack_begin, @function
	.p2align 4
bb_stack_begin:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%r12, %rdi
	call	*%r13
	ud2
	.cfi_endproc
	.size	bb_stack_begin, . - bb_stack_begin

#if defined(__CET__) && (__CET__ & 1)
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4			/* of the name */
	.long	16			/* of the description */
	.long	5			/* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000002		/* GNU_PROPERTY_X86_FEATURE_1_AND */
	.long	4
	.long	1			/* IBT */
	.long	0
#endif

#elif defined(__aarch64__)

/* x19 to x30, d8 to d15, FPCR: 176 bytes, the stack pointer stays aligned to 16. */
#define SAVED 176

	.text
	.globl	bb_stack_change
	.hidden	bb_stack_change
	.type	bb_stack_change, %function
	.p2align 4
bb_stack_change:
	.cfi_startproc
	hint	#34			/* bti c */
	sub	sp, sp, #SAVED
	.cfi_def_cfa_offset SAVED
	stp	x29, x30, [sp, #0]
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	stp	x19, x20, [sp, #16]
	.cfi_rel_offset x19, 16
	.cfi_rel_offset x20, 24
	stp	x21, x22, [sp, #32]
	.cfi_rel_offset x21, 32
	.cfi_rel_offset x22, 40
	stp	x23, x24, [sp, #48]
	.cfi_rel_offset x23, 48
	.cfi_rel_offset x24, 56
	stp	x25, x26, [sp, #64]
	.cfi_rel_offset x25, 64
	.cfi_rel_offset x26, 72
	stp	x27, x28, [sp, #80]
	.cfi_rel_offset x27, 80
	.cfi_rel_offset x28, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x9, fpcr
	str	x9, [sp, #160]
	mov	x10, sp
	str	x10, [x0]
	/* The other stack looks the same from here on. */
	mov	sp, x1
	ldr	x10, [sp, #160]
	cmp	x9, x10
	b.eq	1f
	msr	fpcr, x10
1:	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp, #0]
	add	sp, sp, #SAVED
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	ret
	.cfi_endproc
	.size	bb_stack_change, . - bb_stack_change

	.globl	bb_stack_begin
	.hidden	bb_stack_begin
	.type	bb_stack_begin, %function
	.p2align 4
bb_stack_begin:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36			/* bti j, for those that return by a jump */
	mov	x0, x19
	blr	x20
	brk	#1
	.cfi_endproc
	.size	bb_stack_begin, . - bb_stack_begin

#if defined(__ARM_FEATURE_BTI_DEFAULT)
	.section .note.gnu.property, "a"
	.p2align 3
	.word	4
	.word	16
	.word	5			/* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.word	0xc0000000		/* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
	.word	4
	.word	1			/* BTI */
	.word	0
#endif

#endif

#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
