// SPDX-License-Identifier: MIT
// The only error type of the engine. Thrown where an error is detected, caught in exactly one place
// per program (the job loop, or main of the command line), shown with its hint. Any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace depthscope {

/// The kind of error; the command line maps it to an exit code (see exitCode).
enum class ErrorCode {
    Usage,       ///< an invalid request: unknown name, contradictory options
    BadInput,    ///< a file, text or value that cannot be used
    Device,      ///< no such device, a kernel failed
    NoEngine,    ///< LibTorch, or the half of us that needs it, cannot be opened
    OutOfMemory, ///< memory or disk ran out
    Interrupted, ///< stopped by the user
    Internal,    ///< a broken invariant: a bug
};

/// An error with its remedy. `message` names the subject (file, tensor, field), `hint` says what to
/// do and may be empty.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message, std::string hint = {})
        : std::runtime_error(message)
        , m_code(code)
        , m_hint(std::move(hint)) {}

    [[nodiscard]] ErrorCode code() const { return m_code; }

    [[nodiscard]] std::string message() const { return what(); }

    [[nodiscard]] const std::string& hint() const { return m_hint; }

private:
    ErrorCode m_code;
    std::string m_hint;
};

/// 2 usage, 3 bad input, 4 device or memory, 5 interrupted; 1 for a bug.
[[nodiscard]] constexpr int exitCode(ErrorCode code) {
    switch (code) {
    case ErrorCode::Usage:
        return 2;
    case ErrorCode::BadInput:
        return 3;
    case ErrorCode::Device:
    case ErrorCode::NoEngine:
    case ErrorCode::OutOfMemory:
        return 4;
    case ErrorCode::Interrupted:
        return 5;
    case ErrorCode::Internal:
        break;
    }
    return 1;
}

} // namespace depthscope
