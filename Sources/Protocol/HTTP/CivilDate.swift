// Dates as HTTP and the API write them, computed from seconds since 1970 that the caller brings: this module
// reads no clock. IMF-fixdate is RFC 9110 §5.6.7, the API's timestamps are RFC 3339 in UTC.

/// A point in time in the proleptic Gregorian calendar, UTC.
struct CivilDate: Sendable, Equatable {
    var year: Int
    var month: Int
    var day: Int
    var secondOfDay: Int
    /// 0 is Sunday.
    var weekday: Int

    /// Days are counted from 0000-03-01 in eras of 400 years, so that the leap day is a year's last.
    init(secondsSinceEpoch seconds: Int) {
        let days = (seconds >= 0 ? seconds : seconds - 86399) / 86400
        secondOfDay = seconds - days * 86400
        weekday = (((days + 4) % 7) + 7) % 7
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date of the calendar.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    var clock: String {
        "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
    }
}

func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum IMFFixdate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date of that many seconds since 1970-01-01T00:00:00Z.
    public static func text(secondsSinceEpoch seconds: Int) -> String {
        let date = CivilDate(secondsSinceEpoch: seconds)
        let month = months[date.month - 1]
        return "\(weekdays[date.weekday]), \(padded(date.day, 2)) \(month) \(padded(date.year, 4)) \(date.clock) GMT"
    }

    /// Seconds since 1970; nil for anything but a well-formed IMF-fixdate, which RFC 9110 §13.1.3 ignores.
    public static func seconds(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 29, let day = bytes[5..<7].decimalValue, let year = bytes[12..<16].decimalValue,
            let hour = bytes[17..<19].decimalValue, let minute = bytes[20..<22].decimalValue,
            let second = bytes[23..<25].decimalValue, let name = bytes[8..<11].text,
            let month = months.firstIndex(of: name), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = CivilDate.days(year: year, month: month + 1, day: day)
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second
        // Written back it must be what was sent: this checks weekday, separators and the day of the month.
        return text(secondsSinceEpoch: seconds).utf8.elementsEqual(bytes) ? seconds : nil
    }
}
