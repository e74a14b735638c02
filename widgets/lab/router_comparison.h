// SPDX-License-Identifier: MIT
// Is the router worth it? Scores one text under the routing in force, under random selection (at
// equal cost where the router can), at each fixed depth, and by the vanilla model, one after
// another as background tasks of the laboratory, and says what follows. GUI thread; its owner keeps
// the laboratory longer. Throws nothing: errors are signals.
#pragma once

#include "engine/base/bootstrap.h"
#include "engine/runtime/event.h"
#include "engine/spec/model_info.h"

#include <QObject>
#include <QString>
#include <deque>
#include <memory>
#include <vector>

namespace depthscope::lab {

class LabController;

enum class Compared { InForce, Random, FixedDepth, Vanilla };

struct ComparedRouting {
    Compared kind = Compared::InForce;
    int depth = 0; ///< of FixedDepth
    runtime::ScoreReport report;
    double worse = 0;     ///< nats per token above the routing in force; NaN: not the same tokens
    Interval worseWithin; ///< 95 %; NaN: too short a text
};

class RouterComparison : public QObject {
    Q_OBJECT

public:
    explicit RouterComparison(LabController& lab, QObject* parent = nullptr);

    /// Of a text under a routing; regret and mean depth in it are left out. Does nothing while one
    /// is running or without a model.
    void start(const runtime::ScoreRequest& inForce);
    void stop();

    [[nodiscard]] bool isRunning() const { return m_job != 0; }

    /// Done so far, the routing in force first.
    [[nodiscard]] const std::vector<ComparedRouting>& results() const { return m_results; }

    /// One sentence, or why there is none; empty until routing in force and random selection are
    /// known.
    [[nodiscard]] QString verdict() const;

    /// "random at equal cost", "random depths", "every token 2 recursions".
    [[nodiscard]] QString nameOf(const ComparedRouting& compared) const;

Q_SIGNALS:
    /// Of results() or isRunning().
    void changed();
    /// `fraction` of all routings, 0 to 1.
    void progress(double fraction, const QString& what);
    void failed(const QString& message, const QString& hint);

private:
    struct Arm {
        Compared kind = Compared::InForce;
        int depth = 0;
        runtime::ScoreRequest request;
    };

    void next();
    void end();
    void addArms(const runtime::ScoreReport& inForce);
    [[nodiscard]] bool drawsDepths() const;
    void onEvent(const runtime::Event& event);
    void onReport(const runtime::ScoreReport& report);
    void onEnded(const runtime::JobEnded& ended);

    LabController& m_lab;
    std::shared_ptr<const spec::ModelInfo> m_model;
    std::deque<Arm> m_arms; ///< the running one first
    std::vector<ComparedRouting> m_results;
    runtime::JobId m_job = 0; ///< 0: none
};

} // namespace depthscope::lab
