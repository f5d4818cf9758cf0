// The three forms of a date a recipient must read (RFC 9110 §5.6.7). The two obsolete ones are rewritten as
// IMF-fixdate and judged there, so all of them are checked alike, down to the weekday.

enum HTTPDate {
    /// Seconds since 1970; nil for anything but a well-formed date.
    /// - Parameter now: decides the century of a year that is given with two digits.
    static func seconds(_ bytes: [UInt8], now: Int) -> Int? {
        if let seconds = IMFFixdate.seconds(bytes) { return seconds }
        guard bytes.count <= longest, let text = bytes[...].text else { return nil }
        let words = text.split(separator: " ").map(String.init)
        guard let modern = text.utf8.count == 24 ? asctime(words) : rfc850(words, now: now) else { return nil }
        return IMFFixdate.seconds(Array(modern.utf8))
    }

    private static let longest = "Wednesday, 09-Nov-94 08:49:37 GMT".utf8.count
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `Sun Nov  6 08:49:37 1994`.
    private static func asctime(_ words: [String]) -> String? {
        guard words.count == 5 else { return nil }
        let day = words[2].utf8.count == 1 ? "0" + words[2] : words[2]
        return "\(words[0]), \(day) \(words[1]) \(words[4]) \(words[3]) GMT"
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`. A year more than 50 years ahead is one of the century before.
    private static func rfc850(_ words: [String], now: Int) -> String? {
        guard words.count == 4, let weekday = weekdays.first(where: { words[0] == $0 + "," }) else { return nil }
        let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, date[2].utf8.count == 2, let short = Array(date[2].utf8)[...].decimalValue else {
            return nil
        }
        let thisYear = CivilDate(secondsSinceEpoch: now).year
        var year = thisYear - thisYear % 100 + short
        if year > thisYear + 50 { year -= 100 }
        return "\(weekday.prefix(3)), \(date[0]) \(date[1]) \(padded(year, 4)) \(words[2]) \(words[3])"
    }
}
