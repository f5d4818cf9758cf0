// What this machine computes with: for people, never for decisions.
import CKernels
import COpenBLAS

extension Pass {
    /// The kernel set chosen on this CPU: plain, avx2 or avx512.
    package static var kernelName: String { String(cString: limner_kernels_best()!.pointee.name) }

    /// What multiplies in a precision on this CPU.
    package static func productName(_ precision: Precision) -> String {
        let panels = LayerWeights.kernelName(EngineOptions(precision: precision)).map { "\($0) panels" }
        guard let products = panels ?? (precision == .f32 ? "OpenBLAS" : nil) else { return "not on this CPU" }
        let attention = Pass().blockwiseKernels(for: precision).map { String(cString: $0.name) } ?? "OpenBLAS"
        return "\(products), \(attention) attention"
    }

    /// OpenBLAS's version and the core type it chose.
    package static var blasName: String { String(cString: openblas_get_config()) }
}
