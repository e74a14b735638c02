// SPDX-License-Identifier: MIT
#include "widgets/lab/router_comparison.h"

#include "widgets/lab/lab_controller.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace depthscope::lab {

namespace {

constexpr std::uint64_t kSeed = 1;

/// As many tokens at each recursion as the routing in force let through.
std::vector<Fraction> capacityOf(const runtime::ScoreReport& report) {
    std::vector<Fraction> capacity;
    for (const std::int64_t active : std::span(report.activeTokens).subspan(1)) {
        capacity.push_back({active, report.activeTokens.front()});
    }
    return capacity;
}

QString nats(double value) {
    return QLocale().toString(std::abs(value), 'f', 4);
}

} // namespace

RouterComparison::RouterComparison(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    connect(&m_lab, &LabController::taskEvent, this, &RouterComparison::onEvent);
}

void RouterComparison::start(const runtime::ScoreRequest& inForce) {
    m_model = m_lab.model();
    if (isRunning() || !m_model) {
        return;
    }
    m_results.clear();
    m_arms.assign(1, {Compared::InForce, 0, inForce});
    m_arms.front().request.meanDepth = 0;
    m_arms.front().request.regretTokens = 0;
    next();
}

void RouterComparison::stop() {
    if (isRunning()) {
        m_lab.stopTask(m_job);
    }
}

void RouterComparison::next() {
    if (m_arms.empty()) {
        end();
    } else if (m_lab.model() != m_model) { // the rest would be another model's
        end();
        Q_EMIT failed(tr("The model was changed: the comparison ended early."),
                      tr("Compare again with the model that is loaded now."));
    } else {
        m_job = m_lab.startTask(m_arms.front().request);
        Q_EMIT changed();
    }
}

void RouterComparison::end() {
    m_arms.clear();
    m_job = 0;
    Q_EMIT changed();
}

/// At random a token-choice router draws each depth equally often: its cost cannot be chosen.
bool RouterComparison::drawsDepths() const {
    return m_model && m_model->router == spec::RouterKind::Token;
}

void RouterComparison::addArms(const runtime::ScoreReport& inForce) {
    const auto add = [&](Compared kind, int depth, const settings::RoutingSettings& routing) {
        Arm arm{kind, depth, m_arms.front().request};
        arm.request.routing = routing;
        m_arms.push_back(std::move(arm));
    };
    const std::vector<settings::Rule>& rules = m_model->passRules.possible;
    const bool isCounted = !inForce.activeTokens.empty() && inForce.activeTokens.front() > 0;
    const bool canDraw = std::ranges::find(rules, settings::Rule::Random) != rules.end();
    if (canDraw && (isCounted || drawsDepths())) {
        settings::RoutingSettings random;
        random.rule = settings::Rule::Random;
        random.capacity = drawsDepths() ? std::vector<Fraction>{} : capacityOf(inForce);
        random.kv = m_arms.front().request.routing.kv;
        add(Compared::Random, 0, random);
    }
    for (int depth = 1; depth <= m_model->recursions && m_model->recursions > 1; ++depth) {
        settings::RoutingSettings fixed;
        fixed.rule = settings::Rule::Fixed;
        fixed.fixedDepth = depth;
        add(Compared::FixedDepth, depth, fixed);
    }
    if (m_lab.store().view().other(trace::kVanillaRun) != nullptr) {
        add(Compared::Vanilla, 0, {});
        m_arms.back().request.role = runtime::ModelRole::Vanilla;
    }
}

void RouterComparison::onEvent(const runtime::Event& event) {
    if (m_job == 0) {
        return;
    }
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (news->job == m_job) {
            const auto all = static_cast<double>(m_results.size() + m_arms.size());
            Q_EMIT progress((static_cast<double>(m_results.size()) + news->fraction) / all,
                            QString::fromStdString(news->what));
        }
    } else if (const auto* report = std::get_if<runtime::ScoreReport>(&event)) {
        if (report->job == m_job) {
            onReport(*report);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        if (ended->job == m_job) {
            onEnded(*ended);
        }
    }
}

void RouterComparison::onReport(const runtime::ScoreReport& report) {
    ComparedRouting result{m_arms.front().kind,
                           m_arms.front().depth,
                           report,
                           std::nan(""),
                           {std::nan(""), std::nan("")}};
    if (m_results.empty()) {
        addArms(report);
    } else if (report.losses.size() == m_results.front().report.losses.size()) {
        std::vector<double> worse(report.losses.size());
        std::ranges::transform(report.losses, m_results.front().report.losses, worse.begin(),
                               [](float a, float b) { return double{a} - double{b}; });
        result.worse = report.nll - m_results.front().report.nll;
        result.worseWithin = bootstrapMean(worse, kSeed);
    }
    m_results.push_back(std::move(result));
}

void RouterComparison::onEnded(const runtime::JobEnded& ended) {
    if (ended.error) {
        end();
        if (ended.error->code() != ErrorCode::Interrupted) {
            Q_EMIT failed(QString::fromStdString(ended.error->message()),
                          QString::fromStdString(ended.error->hint()));
        }
        return;
    }
    m_arms.pop_front();
    next();
}

QString RouterComparison::nameOf(const ComparedRouting& compared) const {
    switch (compared.kind) {
    case Compared::InForce:
        return tr("routing in force");
    case Compared::Random:
        return drawsDepths() ? tr("random depths") : tr("random at equal cost");
    case Compared::FixedDepth: {
        const bool isFull = m_model && compared.depth == m_model->recursions;
        return isFull                ? tr("full depth")
               : compared.depth == 1 ? tr("every token 1 recursion")
                                     : tr("every token %1 recursions").arg(compared.depth);
    }
    case Compared::Vanilla:
        break;
    }
    return tr("vanilla model");
}

QString RouterComparison::verdict() const {
    const auto random = std::ranges::find(m_results, Compared::Random, &ComparedRouting::kind);
    if (random == m_results.end() && m_results.size() > 1) {
        return tr("This model cannot select at random, so nothing controls it at equal cost.");
    }
    if (random == m_results.end() || std::isnan(random->worse)) {
        return {};
    }
    if (drawsDepths()) {
        const auto cost = [](const ComparedRouting& each) {
            return QLocale().toString(each.report.flopsPerToken / 1e6, 'f', 2);
        };
        return tr("Token-choice has no random control at equal cost: depths drawn evenly take %1 "
                  "MFLOP per token, the routing in force %2.")
            .arg(cost(*random), cost(m_results.front()));
    }
    const Interval& within = random->worseWithin;
    if (std::isnan(within.low)) {
        return tr("This text is too short to tell: on it, the router is %1 nats per token %2 than "
                  "random selection at equal cost, which may be chance.")
            .arg(nats(random->worse), random->worse >= 0 ? tr("better") : tr("worse"));
    }
    const QString range =
        tr("95 % interval %1 to %2")
            .arg(QLocale().toString(within.low, 'f', 4), QLocale().toString(within.high, 'f', 4));
    if (within.low > 0) {
        return tr("The router is worth it on this text: %1 nats per token better than random "
                  "selection at equal cost (%2).")
            .arg(nats(random->worse), range);
    }
    return within.high < 0 ? tr("The router is harmful on this text: %1 nats per token worse than "
                                "random selection at equal cost (%2).")
                                 .arg(nats(random->worse), range)
                           : tr("The router does not beat random selection at equal cost on this "
                                "text (%1 nats per token, %2).")
                                 .arg(QLocale().toString(random->worse, 'f', 4), range);
}

} // namespace depthscope::lab
