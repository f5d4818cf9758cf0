// The jobs of one request that asked for several sketches: GET /v1/groups/{id} and the body of its 202.

public struct GroupDocument: Sendable, Equatable, Codable {
    public var id: String
    /// In the order of photos, then styles, then seeds; without place in the queue and forecast.
    public var jobs: [JobDocument]

    public init(id: String, jobs: [JobDocument]) {
        self.id = id
        self.jobs = jobs
    }
}
