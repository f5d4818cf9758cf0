// The inference timesteps of each spacing, computed as numpy does in diffusers' `set_timesteps`.

extension TimestepSpacing {
    /// numpy.linspace(0, last, count).
    static func evenlySpaced(to last: Double, count: Int) -> [Double] {
        guard count > 1 else { return [0] }
        let step = last / Double(count - 1)
        return (0..<count).map { $0 == count - 1 ? last : Double($0) * step }
    }

    /// numpy.arange(last, 0, -training / count), rounded half to even, less one: descending.
    ///
    /// For some counts numpy's range has a further element, a rounding error above 0, which would become timestep −1;
    /// it is left out here.
    static func trailing(from last: Int, training: Int, count: Int) -> [Double] {
        let ratio = Double(training) / Double(count)
        let available = Int((Double(last) / ratio).rounded(.up))
        return (0..<min(count, available)).map { (Double(last) - Double($0) * ratio).rounded(.toNearestOrEven) - 1 }
            .filter { $0 >= 0 }
    }

    /// The timesteps of DDIM and PNDM (`rounded`) and of the Euler samplers, which keep fractions: descending.
    func timesteps(training: Int, steps: Int, offset: Int, rounded: Bool) -> [Double] {
        switch self {
        case .linspace:
            let times = Self.evenlySpaced(to: Double(training - 1), count: steps)
            return times.reversed().map { rounded ? $0.rounded(.toNearestOrEven) : Double(Float($0)) }
        case .leading:
            return (0..<steps).reversed().map { Double($0 * (training / steps) + offset) }
        case .trailing:
            return Self.trailing(from: training, training: training, count: steps)
        }
    }

    /// The timesteps of DPM-Solver, which has one interval more, below `last`: descending.
    func solverTimesteps(training: Int, last: Int, steps: Int, offset: Int) -> [Double] {
        switch self {
        case .linspace:
            let times = Self.evenlySpaced(to: Double(last - 1), count: steps + 1)
            return times.dropFirst().reversed().map { $0.rounded(.toNearestOrEven) }
        case .leading:
            return (1...steps).reversed().map { Double($0 * (last / (steps + 1)) + offset) }
        case .trailing:
            return Self.trailing(from: last, training: training, count: steps)
        }
    }
}
