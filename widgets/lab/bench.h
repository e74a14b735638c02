// SPDX-License-Identifier: MIT
// What is specific to a kind of model: what it runs on, and how a run is requested. The part that
// is the same for all is here: a pass of the newest input and settings, now or when what hinders it
// is over. Owned by the laboratory; GUI thread.
#pragma once

#include "engine/runtime/request.h"
#include "widgets/lab/shell.h"

#include <QElapsedTimer>
#include <optional>

namespace depthscope::lab {

class Bench {
public:
    explicit Bench(Shell& shell)
        : m_shell(shell) {}

    virtual ~Bench() = default;
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    /// There is something to run: a text, a clip.
    [[nodiscard]] virtual bool hasInput() const = 0;

    /// Asks for a pass of the newest input and settings: now, or when what hinders it is over.
    /// hasInput() must be true.
    void requestPass();

    /// The next idle moment submits a pass.
    [[nodiscard]] bool wantsPass() const { return m_wanted; }

    void cancel() { m_wanted = false; }

    /// A pass of the input and settings as they are has failed, and no newer one has ended well.
    [[nodiscard]] bool refused() const { return m_refused == m_shell.revision(); }

    /// A pass has failed: a picture of another model or input than it was requested for is cleared.
    void passFailed();
    /// A pass has ended well, so that nothing is refused.
    void passSucceeded();

    /// A pass of an input that the program chose has failed: another one takes its place. False:
    /// there is none, or the user chose it.
    [[nodiscard]] virtual bool choosesOther() { return false; }

    /// The main run's content again, as the run `key`: at full depth, or by the vanilla model.
    [[nodiscard]] virtual runtime::Request reference(const trace::RunKey& key,
                                                     const trace::RunView& main) const = 0;

    /// Full depth in turns with the routing in force, for times that can be compared; nothing:
    /// this kind of model is not timed so.
    [[nodiscard]] virtual std::optional<runtime::Request>
    timedReference(const trace::RunView& main) const = 0;

protected:
    /// Of the newest input, which is remembered as the one that was requested.
    [[nodiscard]] virtual runtime::Request newPass() = 0;
    /// What was requested last has been routed.
    virtual void rememberRouted() = 0;
    /// The input is the one that was routed last.
    [[nodiscard]] virtual bool isRouted() const = 0;
    /// A pass younger than this is let finish when a newer value arrives: while a slider moves
    /// without pause, always cancelling would show nothing until it rests.
    [[nodiscard]] virtual qint64 letFinishMilliseconds() const = 0;

    [[nodiscard]] Shell& shell() const { return m_shell; }

private:
    void submitPass();

    Shell& m_shell;
    std::uint64_t m_refused = 0; ///< revision of the last pass that failed
    bool m_wanted = false;
    QElapsedTimer m_passClock;
};

} // namespace depthscope::lab
