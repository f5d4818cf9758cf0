// The filters of phase congruency: log-Gabor functions of four wavelengths in four directions, in the frequency plane.
import Glibc

/// The transfer functions for pictures of one size (Kovesi 1999; constants of Zhang and others 2011).
///
/// Frequency along an axis of n samples is k / n for even and k / (n − 1) for odd n, as in both references of FSIM.
struct LogGaborBank {
    static let orientations = 4
    static let scales = 4
    private static let shortestWavelength = 6.0
    private static let wavelengthRatio = 2.0
    /// σ of the log-Gabor function over its centre frequency.
    private static let bandwidth = 0.55
    /// σ of the angular Gaussian: the angle between directions over 1.2.
    private static let spread = Double.pi / (Double(orientations) * 1.2)
    /// Beyond 0.45 cycles a pixel everything falls away, so that the corners of the plane add nothing.
    private static let cutoff = 0.45
    private static let cutoffOrder = 15.0
    /// Standard deviations above the mean energy of noise at which congruency begins.
    private static let noiseDeviations = 2.0
    /// What the noise is overestimated by in this measure, found by experiment in both references.
    private static let noiseOverestimate = 1.7

    /// `[orientation][scale]`, each as many as pixels, rows from frequency 0, divided by the number of pixels.
    let filters: [[[Float]]]
    /// `[orientation]`: the energy that is counted as noise, over the root of the median of the squared amplitudes at
    /// the shortest wavelength.
    let noiseFactors: [Float]

    init(width: Int, height: Int) {
        let (fx, fy) = (LogGaborBank.frequencies(width), LogGaborBank.frequencies(height))
        var radial = [[Double]](repeating: [], count: LogGaborBank.scales)
        var angles: [Double] = []
        for y in fy {
            for x in fx {
                let radius = hypot(x, y)
                for scale in 0..<LogGaborBank.scales {
                    radial[scale].append(LogGaborBank.response(radius, scale: scale))
                }
                angles.append(atan2(-x, y))
            }
        }
        var filters: [[[Float]]] = []
        var noiseFactors: [Float] = []
        for orientation in 0..<LogGaborBank.orientations {
            let angle = Double(orientation) * .pi / Double(LogGaborBank.orientations)
            let angular = angles.map { direction in
                let distance = remainder(direction - angle, 2 * .pi)
                return exp(-distance * distance / (2 * LogGaborBank.spread * LogGaborBank.spread))
            }
            let bank = radial.map { zip($0, angular).map(*) }
            noiseFactors.append(Float(LogGaborBank.noiseFactor(bank, width: width, height: height)))
            let scale = 1 / Double(width * height)
            filters.append(bank.map { $0.map { Float($0 * scale) } })
        }
        self.filters = filters
        self.noiseFactors = noiseFactors
    }

    private static func frequencies(_ count: Int) -> [Double] {
        let span = Double(count % 2 == 0 ? count : count - 1)
        return (0..<count).map { Double(($0 + count / 2) % count - count / 2) / span }
    }

    private static func response(_ radius: Double, scale: Int) -> Double {
        guard radius > 0 else { return 0 }
        let wavelength = shortestWavelength * pow(wavelengthRatio, Double(scale))
        let octave = log(radius * wavelength) / log(bandwidth)
        return exp(-octave * octave / 2) / (1 + pow(radius / cutoff, 2 * cutoffOrder))
    }

    /// Noise of power P has the expected energy 2 P Σ Aₛ² + 4 P Σ AₛAₜ over the scales s < t, A the filters' real
    /// impulse responses. By Parseval that is 2 P Σ (Σₛ Gₛ)² over the frequencies, G(ω) = (H(ω) + H(−ω)) / 2; and P
    /// is estimated as the median squared amplitude / (ln 2 · Σ H₀²). The energy's distribution is Rayleigh's.
    private static func noiseFactor(_ bank: [[Double]], width: Int, height: Int) -> Double {
        var energy = 0.0
        for y in 0..<height {
            for x in 0..<width {
                let here = y * width + x
                let opposite = (height - y) % height * width + (width - x) % width
                let response = bank.reduce(0) { $0 + ($1[here] + $1[opposite]) / 2 }
                energy += response * response
            }
        }
        let power = bank[0].reduce(0) { $0 + $1 * $1 }
        let rayleigh = (energy / (log(2) * power)).squareRoot()
        let mean = (Double.pi / 2).squareRoot()
        let deviation = (2 - Double.pi / 2).squareRoot()
        return rayleigh * (mean + noiseDeviations * deviation) / noiseOverestimate
    }
}
