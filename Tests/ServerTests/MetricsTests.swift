// What Prometheus reads.

import CoreMetrics
import LimnerProtocol
import LimnerServer
import Testing

@Suite("Prometheus text")
struct PrometheusTests {
    let registry = PrometheusRegistry()

    private var text: String { String(decoding: registry.text(), as: UTF8.self) }

    @Test("counters, gauges and histograms are written as the format says, in the order of names")
    func format() {
        Recorder(label: "took", dimensions: [("kind", "a")], aggregate: true, factory: registry).record(0.3)
        Recorder(label: "took", dimensions: [("kind", "a")], aggregate: true, factory: registry).record(100)
        Counter(label: "done", dimensions: [("kind", "a"), ("how", "b")], factory: registry).increment(by: 3)
        Meter(label: "level", factory: registry).set(2.5)
        let head = """
            # TYPE done counter
            done{kind="a",how="b"} 3
            # TYPE level gauge
            level 2.5
            # TYPE took histogram
            took_bucket{kind="a",le="0.0005"} 0

            """
        let tail = """
            took_bucket{kind="a",le="0.25"} 0
            took_bucket{kind="a",le="0.5"} 1
            took_bucket{kind="a",le="1.0"} 1
            took_bucket{kind="a",le="2.5"} 1
            took_bucket{kind="a",le="5.0"} 1
            took_bucket{kind="a",le="10.0"} 1
            took_bucket{kind="a",le="30.0"} 1
            took_bucket{kind="a",le="60.0"} 1
            took_bucket{kind="a",le="+Inf"} 2
            took_sum{kind="a"} 100.3
            took_count{kind="a"} 2

            """
        #expect(text.hasPrefix(head))
        #expect(text.hasSuffix(tail))
    }

    @Test("label values are escaped and names made legal")
    func escapes() {
        Counter(label: "a.b-c", dimensions: [("x y", "say \"\\\n")], factory: registry).increment()
        #expect(text == "# TYPE a_b_c counter\na_b_c{x_y=\"say \\\"\\\\\\n\"} 1\n")
    }

    @Test("the same name and labels are the same instrument, and a destroyed one is gone")
    func identity() {
        let one = Counter(label: "n", factory: registry)
        one.increment()
        Counter(label: "n", factory: registry).increment()
        #expect(text.contains("n 2\n"))
        one.destroy()
        #expect(!text.contains("n 2\n"))
    }

    @Test("timers are recorded in nanoseconds and read in seconds")
    func timers() {
        Timer(label: "t", factory: registry).recordNanoseconds(2_000_000_000)
        #expect(text.contains("t_sum 2.0\n"))
    }
}

@Suite("/v1/metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    @Test("it is Prometheus' text under both paths", arguments: ["/metrics", "/v1/metrics"])
    func mediaType(_ path: String) throws {
        let response = try TestService().request("GET", path)
        #expect(response.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            response.text.contains("# HELP limner_workers Workers.\n# TYPE limner_workers gauge\nlimner_workers 1.0\n"))
    }

    @Test("requests are counted by route, method and status")
    func requests() throws {
        let bench = try TestService()
        for path in ["/healthz", "/v1/healthz", "/v1/jobs/none", "/v1/jobs/other", "/nothing"] {
            _ = try bench.request("GET", path)
        }
        _ = try bench.request("HEAD", "/healthz")
        let text = try bench.request("GET", "/metrics").text
        #expect(text.contains("limner_http_requests_total{route=\"healthz\",method=\"GET\",status=\"200\"} 2\n"))
        #expect(text.contains("limner_http_requests_total{route=\"healthz\",method=\"HEAD\",status=\"200\"} 1\n"))
        #expect(text.contains("limner_http_requests_total{route=\"jobs/{id}\",method=\"GET\",status=\"404\"} 2\n"))
        #expect(text.contains("limner_http_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1\n"))
        #expect(text.contains("limner_http_request_seconds_count{route=\"healthz\",method=\"GET\"} 2\n"))
    }

    @Test("connections and their bytes are counted")
    func connections() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try client.response()
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let text = try client.response().text
        #expect(text.contains("limner_connections_total 1\n") && text.contains("limner_connections_open 1.0\n"))
        #expect(text.contains("limner_received_bytes_total 84\n"))
        #expect(!text.contains("limner_sent_bytes_total 0\n"))
    }

    @Test("jobs are counted by kind and status, with their durations")
    func jobs() throws {
        let bench = try TestService()
        _ = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"])
        let text = try bench.request("GET", "/metrics").text
        #expect(text.contains("limner_jobs_accepted_total{kind=\"sketch\"} 1\n"))
        #expect(text.contains("limner_jobs{kind=\"sketch\",status=\"succeeded\"} 1.0\n"))
        #expect(text.contains("limner_jobs{kind=\"sketch\",status=\"queued\"} 0.0\n"))
        #expect(text.contains("limner_job_seconds_count{kind=\"sketch\",status=\"succeeded\"} 1\n"))
        #expect(text.contains("limner_queue_depth 0.0\n"))
    }

    @Test("what waits and who works is told")
    func queue() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        for _ in 0..<3 { _ = try bench.sketch() }
        #expect(bench.painter.hasStarted())
        let text = try bench.request("GET", "/metrics").text
        #expect(text.contains("limner_queue_depth 2.0\n") && text.contains("limner_workers_busy 1.0\n"))
    }

    @Test("refused requests are counted by what was wrong")
    func faults() throws {
        let folder = TemporaryFolder()
        let key = try folder.addKey("one", [.read])
        let bench = try TestService(folder: folder)
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(try client.response().status == 400)
        _ = try bench.request("GET", "/v1/jobs")
        let text = try bench.request("GET", "/metrics", [key]).text
        #expect(text.contains("limner_http_parse_faults_total{fault=\"hostMissing\"} 1\n"))
        #expect(text.contains("limner_access_refusals_total{status=\"401\"} 1\n"))
    }
}
