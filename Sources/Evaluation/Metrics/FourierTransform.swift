// The two-dimensional discrete Fourier transform of one size, by KISS FFT in single precision.
import CKissFFT
import Glibc

/// A complex number of the transform: `r` and `i`.
typealias Complex = kiss_fft_cpx

/// The transform of `height` rows of `width` numbers, in one direction. Not scaled: there and back is times
/// width · height. Any size works; sides with large prime factors take long.
final class FourierTransform {
    enum Direction { case forward, inverse }

    private let plan: kiss_fftnd_cfg
    private let count: Int

    init(width: Int, height: Int, _ direction: Direction) {
        // KISS FFT counts axes from the outermost.
        let sides = [Int32(height), Int32(width)]
        guard let plan = kiss_fftnd_alloc(sides, 2, direction == .inverse ? 1 : 0, nil, nil) else {
            fatalError("no memory for a Fourier transform of \(width) × \(height)")
        }
        self.plan = plan
        count = width * height
    }

    deinit { free(UnsafeMutableRawPointer(plan)) }

    /// Writes the transform of `source` into `target`, which are two arrays of width · height numbers.
    func callAsFunction(_ source: [Complex], into target: inout [Complex]) {
        precondition(source.count == count && target.count == count, "as many numbers as the transform has")
        target.withUnsafeMutableBufferPointer { kiss_fftnd(plan, source, $0.baseAddress) }
    }
}
