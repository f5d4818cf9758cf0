/// The paths of resources, as answers name them: always under `/v1`.
enum ResourcePath {
    static func job(_ id: String) -> String { "/v1/jobs/\(id)" }
    static func result(_ id: String) -> String { "/v1/jobs/\(id)/result" }
    static func group(_ id: String) -> String { "/v1/groups/\(id)" }
    static func style(_ name: String) -> String { "/v1/styles/\(name)" }
    static func thumbnail(_ name: String) -> String { "/v1/styles/\(name)/thumbnail" }
}
