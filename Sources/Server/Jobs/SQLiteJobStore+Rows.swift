internal import FoundationEssentials
internal import GRDB
internal import LimnerProtocol

/// Jobs as rows and back.
extension SQLiteJobStore {
    static func decode(_ row: Row) throws(ServerError) -> Job {
        guard let kind = JobKind(rawValue: row["kind"]), let state = JobStatus(rawValue: row["state"]) else {
            throw .store("a row has an unknown kind or state.")
        }
        return Job(
            id: row["id"], kind: kind, status: state, settings: try fromJSON(row["settings"]),
            owner: row["owner"], group: row["group_id"], fingerprint: row["fingerprint"], sequence: row["sequence"],
            created: row["created"], started: row["started"], finished: row["finished"], expires: row["expires"],
            progress: progress(row), leaseToken: row["lease_token"], attempt: row["attempt"],
            cancelRequested: row["cancel_requested"],
            product: try optionalFromJSON(row["product"]), failure: try optionalFromJSON(row["failure"]),
            isPurged: row["purged"])
    }

    private static func progress(_ row: Row) -> StepReport? {
        guard let step = row["step"] as Int?, let steps = row["steps"] as Int?, let stage = row["stage"] as String?
        else { return nil }
        return StepReport(step: step, of: steps, stage: stage)
    }

    static func toJSON(_ value: some Encodable) throws(ServerError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        } catch {
            throw .store("a value cannot be written down: \(error)")
        }
    }

    private static func fromJSON<Value: Decodable>(_ text: String) throws(ServerError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw .store("a row cannot be read: \(error)")
        }
    }

    private static func optionalFromJSON<Value: Decodable>(_ text: String?) throws(ServerError) -> Value? {
        guard let text else { return nil }
        return try fromJSON(text)
    }
}
