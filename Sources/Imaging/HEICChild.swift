// The process that decodes one HEIC: started, fed, listened to until its time is up, and always buried.

#if HEIC
    import Glibc

    struct HEICChild: ~Copyable {
        private let process: pid_t
        /// This end of the socket that is the child's standard input and output.
        private let socket: Int32
        private let deadline = HEICChild.now() + Limits.heicMilliseconds

        init(program: String) throws(ImagingError) {
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                throw .unreadable(path: program, detail: String(cString: strerror(errno)))
            }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
            let arguments = [strdup(program), strdup(HEICPicture.command), nil]
            // nothing of this process's surroundings, its keys among them, is for the child
            let surroundings: [UnsafeMutablePointer<CChar>?] = [nil]
            var process = pid_t()
            let failure = posix_spawn(&process, program, &actions, nil, arguments, surroundings)
            for argument in arguments { free(argument) }
            posix_spawn_file_actions_destroy(&actions)
            close(ends[1])
            guard failure == 0 else {
                close(ends[0])
                throw .unreadable(path: program, detail: String(cString: strerror(failure)))
            }
            (self.process, socket) = (process, ends[0])
        }

        deinit {
            close(socket)
            kill(process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        }

        /// What the child says to `bytes`, within ``Limits/heicMilliseconds`` and no longer than a picture can be.
        func answer(to bytes: [UInt8]) throws(ImagingError) -> HEICAnswer {
            try send(bytes)
            shutdown(socket, Int32(SHUT_WR))
            guard let answer = HEICAnswer(try received()) else {
                throw .damaged(.heic, detail: "its decoder gave up")
            }
            return answer
        }

        /// A child that does not read to the end is heard all the same: it may have a reason to give.
        private func send(_ bytes: [UInt8]) throws(ImagingError) {
            var sent = 0
            while sent < bytes.count {
                try wait(for: POLLOUT)
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                guard count > 0 else { return }
                sent += count
            }
        }

        private func received() throws(ImagingError) -> [UInt8] {
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 1 << 20)
            while bytes.count <= 3 * Limits.maximumPixels + block.count {
                try wait(for: POLLIN)
                let count = read(socket, &block, block.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes += block[..<count]
            }
            return bytes
        }

        private func wait(for event: Int32) throws(ImagingError) {
            var ready = pollfd(fd: socket, events: Int16(event), revents: 0)
            let left = deadline - HEICChild.now()
            guard left > 0, poll(&ready, 1, Int32(left)) != 0 else {
                throw .damaged(.heic, detail: "decoding it takes too long")
            }
        }

        private static func now() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        }
    }
#endif
