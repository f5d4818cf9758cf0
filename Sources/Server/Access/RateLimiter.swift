internal import Synchronization

/// A token bucket for each key: a minute's requests may come at once, then as many as the rate lets through.
package final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Double
    }

    private let buckets = Mutex<[String: Bucket]>([:])

    package init() {}

    /// Takes one request out of a key's bucket.
    ///
    /// - Parameters:
    ///   - name: the key's name.
    ///   - rate: requests a minute, at least 1.
    ///   - now: the monotonic clock, seconds.
    /// - Returns: nil when the request may pass, else the seconds until one may.
    package func take(_ name: String, rate: Int, at now: Double) -> Double? {
        let capacity = Double(max(1, rate))
        let perSecond = capacity / 60
        return buckets.withLock { buckets in
            var bucket = buckets[name] ?? Bucket(tokens: capacity, filled: now)
            bucket.tokens = min(capacity, bucket.tokens + max(0, now - bucket.filled) * perSecond)
            bucket.filled = now
            defer { buckets[name] = bucket }
            guard bucket.tokens >= 1 else { return (1 - bucket.tokens) / perSecond }
            bucket.tokens -= 1
            return nil
        }
    }
}
