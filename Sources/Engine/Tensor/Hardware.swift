// What this machine computes with: for people, never for decisions.
import CKernels
import COpenBLAS

extension Pass {
    /// The kernel set chosen on this CPU: plain, avx2 or avx512.
    package static var kernelName: String { String(cString: limner_kernels_best()!.pointee.name) }

    /// OpenBLAS's version and the core type it chose.
    package static var blasName: String { String(cString: openblas_get_config()) }
}
