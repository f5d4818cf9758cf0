// The search for the classical filter that comes nearest to a sketch: the bar that anything learned has to pass.
import Glibc

/// The best filter that a search finds for one pair.
///
/// A filter's worth is the mean of SSIM, FSIM and Scoot between its drawing of `photo` and `sketch`, the pair itself.
/// FSIM costs more than all else together, so it is left out where SSIM and Scoot alone keep a trial from the best
/// seven of its kind. The kinds take turns; every third trial of a kind is drawn at random from all its settings, the
/// others near one of its best. Each trial's tone curve is fitted in closed form, see `ToneCurve`.
///
/// - Parameters:
///   - seconds: how long to search at least, 0…86,400.
///   - trials: how many to make at least, however long they take.
///   - seed: with the number of trials it fixes the result.
///   - clock: seconds from some fixed moment, never going back.
/// - Returns: the filter, the trials made and the seconds taken.
/// - Throws: ``EvaluationError`` when the sizes differ, a side is below 16, a setting is out of range, the sketch has
///   one value everywhere, or no trial drew anything.
public func fitFilter(
    photo: GrayImage, sketch: GrayImage, atLeast seconds: Double, trials minimum: Int = Limits.minimumFilterTrials,
    seed: UInt64 = 0, clock: () -> Double = monotonicSeconds
) throws(EvaluationError) -> (filter: FittedFilter, trials: Int, seconds: Double) {
    guard (0...Limits.maximumFilterSeconds).contains(seconds) else {
        throw .setting(name: "seconds", detail: "give 0…\(Int(Limits.maximumFilterSeconds))")
    }
    guard minimum >= FilterKind.allCases.count else {
        throw .setting(
            name: "trials", detail: "give at least \(FilterKind.allCases.count), one for each kind of filter")
    }
    let start = clock()
    var search = try FilterSearch(photo: photo, sketch: sketch, seed: seed)
    while search.trials < minimum || clock() - start < seconds { try search.tryNext() }
    let filter = try search.best()
    return (filter, search.trials, clock() - start)
}

/// Seconds of the system's monotonic clock.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
