// C ← α·op(A)·op(B) + β·C through OpenBLAS, row-major, with the strides of a part of a larger matrix: attention heads
// and convolution taps are multiplied where they lie.
import COpenBLAS

/// One operand: where it starts, the distance between its rows, and whether it is read transposed.
struct Matrix {
    let pointer: UnsafePointer<Float>
    let stride: Int
    var transposed = false
}

/// `c`[rows, columns] ← `alpha`·a·b + `beta`·c, where a is [rows, inner] and b [inner, columns] after transposition.
func multiply(
    _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, inner: Int, columns: Int,
    alpha: Float = 1, beta: Float = 0
) {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans,
        blasint(rows), blasint(columns), blasint(inner), alpha, a.pointer, blasint(a.stride), b.pointer,
        blasint(b.stride), beta, c, blasint(stride))
}
