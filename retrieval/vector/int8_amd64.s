//go:build !purego

#include "textflag.h"

// One step for a row: 16 codes, widened to 16 bits (VPMOVSXBW), times the 16
// values of the query in Y0. VPMADDWD adds each product to its neighbour, which
// gives 8 sums of 32 bits; a product is at most 128*2^15 = 2^22, so a pair
// cannot overflow. They are added to the 8 sums of the row.
//
// What follows the row, 1 KiB on, is asked for before it is needed: reading is
// most of the time, which this makes shorter by an eighth. An address beyond the
// end of the memory does no harm there.
#define STEP(row, sums) \
	PREFETCHT0 1024(row)(AX*1)     \
	VPMOVSXBW  (row)(AX*1), Y1     \
	VPMADDWD   Y0, Y1, Y1          \
	VPADDD     Y1, sums, sums

// func dotAVX2(a, b, c, d []int8, query []int16, sums *[4]int32)
//
// Nothing has to be aligned: loads with VEX encoding take any address.
TEXT ·dotAVX2(SB), NOSPLIT, $0-128
	MOVQ  a_base+0(FP), R8
	MOVQ  b_base+24(FP), R9
	MOVQ  c_base+48(FP), R10
	MOVQ  d_base+72(FP), R11
	MOVQ  query_base+96(FP), SI
	MOVQ  query_len+104(FP), CX
	MOVQ  sums+120(FP), DI
	ANDQ  $~15, CX              // only whole steps
	XORQ  AX, AX                // values done
	VPXOR Y2, Y2, Y2            // 8 sums of a
	VPXOR Y3, Y3, Y3            // of b
	VPXOR Y4, Y4, Y4            // of c
	VPXOR Y5, Y5, Y5            // of d
	JMP   more

step:
	VMOVDQU (SI)(AX*2), Y0
	STEP(R8, Y2)
	STEP(R9, Y3)
	STEP(R10, Y4)
	STEP(R11, Y5)
	ADDQ $16, AX

more:
	CMPQ AX, CX
	JLT  step

	// Add up the 8 sums of each row. VPHADDD adds neighbours within each half of
	// a register: twice, and each half holds one sum of a, b, c and d.
	VPHADDD      Y3, Y2, Y2
	VPHADDD      Y5, Y4, Y4
	VPHADDD      Y4, Y2, Y2
	VEXTRACTI128 $1, Y2, X3
	VPADDD       X3, X2, X2
	VMOVDQU      X2, (DI)
	VZEROUPPER   // or SSE code that follows is slow
	RET
