// SPDX-License-Identifier: MIT
#include "widgets/lab/many_texts.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::lab {

ManyTexts::ManyTexts(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    connect(&m_lab, &LabController::taskEvent, this, &ManyTexts::onEvent);
}

void ManyTexts::start(const Asked& asked) {
    m_model = m_lab.model();
    if (isRunning() || !m_model || !m_lab.live()) {
        return;
    }
    m_asked = asked;
    m_settings = m_lab.settings();
    m_prompts = std::make_shared<runtime::BatchPrompts>();
    m_rows.clear();
    m_rowOf.clear();
    m_report.reset();
    m_lanes.reset();
    if (m_asked.file.isEmpty()) {
        m_stage = Stage::Graded;
        nextGraded();
    } else {
        readFile();
    }
}

void ManyTexts::stop() {
    if (isRunning()) {
        m_lab.stopTask(m_job);
    }
}

void ManyTexts::readFile() {
    runtime::PromptFile read;
    try {
        read = runtime::readPrompts(m_asked.file.toStdString(), m_settings.generation);
    } catch (const Error& error) {
        Q_EMIT changed();
        Q_EMIT failed(QString::fromStdString(error.message()),
                      QString::fromStdString(error.hint()));
        return;
    }
    for (const runtime::BadPrompt& bad : read.bad) {
        m_rows.push_back({bad.number, std::nullopt, bad.error});
    }
    *m_prompts = std::move(read.good);
    generate();
}

/// One request for each text, so that each is whole and none is as long as all of them.
void ManyTexts::nextGraded() {
    constexpr std::uint32_t kBytes = 120;
    runtime::GradedTextRequest graded;
    graded.seed = m_settings.generation.seed + m_prompts->size();
    graded.bytes = kBytes;
    m_job = m_lab.startTask(graded);
    Q_EMIT progress(static_cast<double>(m_prompts->size()) / m_asked.graded,
                    tr("Making graded texts"));
}

runtime::BatchRequest ManyTexts::request() const {
    runtime::BatchRequest request;
    request.prompts = m_prompts;
    request.routing = causalRouting(*m_model, m_settings.routing);
    request.generation = m_settings.generation;
    request.batch = m_asked.batch;
    return request;
}

void ManyTexts::generate() {
    for (const runtime::BatchPrompt& prompt : *m_prompts) {
        m_rows.push_back({prompt.number, std::nullopt, std::nullopt});
    }
    std::ranges::sort(m_rows, {}, &Row::number);
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        m_rowOf[m_rows[i].number] = static_cast<int>(i);
    }
    if (m_prompts->empty()) {
        end();
        return;
    }
    m_stage = Stage::Texts;
    m_job = m_lab.startTask(request());
    Q_EMIT changed();
}

/// The same prompts, so that time can be compared; their texts are of no interest.
void ManyTexts::generateAtFullDepth() {
    runtime::BatchRequest full = request();
    full.routing = {};
    full.routing.rule = settings::Rule::Fixed;
    full.routing.kv = m_settings.routing.kv;
    m_stage = Stage::FullDepth;
    m_job = m_lab.startTask(std::move(full));
}

void ManyTexts::end() {
    m_stage = Stage::Idle;
    m_job = 0;
    Q_EMIT changed();
}

std::string ManyTexts::lines() const {
    std::string lines;
    for (const Row& row : m_rows) {
        if (row.error) {
            lines += runtime::errorLine(row.number, *row.error) + '\n';
        } else if (row.answer) {
            lines += runtime::answerLine(*row.answer) + '\n';
        }
    }
    return lines;
}

void ManyTexts::onEvent(const runtime::Event& event) {
    const auto isOwn = [this](const auto& one) { return m_job != 0 && one.job == m_job; };
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (isOwn(*news)) {
            Q_EMIT progress(news->fraction,
                            m_stage == Stage::FullDepth
                                ? tr("Full depth: %1").arg(QString::fromStdString(news->what))
                                : QString::fromStdString(news->what));
        }
    } else if (const auto* graded = std::get_if<runtime::GradedTextReport>(&event)) {
        if (isOwn(*graded)) {
            const std::size_t number = m_prompts->size();
            m_prompts->push_back({number, graded->prompt, m_settings.generation.count,
                                  m_settings.generation.seed + number});
        }
    } else if (const auto* answer = std::get_if<runtime::BatchAnswer>(&event)) {
        if (isOwn(*answer) && m_stage == Stage::Texts) {
            onAnswer(*answer);
        }
    } else if (const auto* lanes = std::get_if<runtime::LanesReport>(&event)) {
        if (isOwn(*lanes) && m_stage == Stage::Texts) {
            m_lanes = lanes->lanes;
            m_lab.showLanes(m_lanes);
        }
    } else if (const auto* report = std::get_if<runtime::BatchReport>(&event)) {
        if (isOwn(*report)) {
            onReport(*report);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        if (isOwn(*ended)) {
            onEnded(*ended);
        }
    }
}

void ManyTexts::onAnswer(const runtime::BatchAnswer& answer) {
    const auto row = m_rowOf.find(answer.number);
    if (row != m_rowOf.end()) {
        m_rows[static_cast<std::size_t>(row->second)].answer = answer;
        Q_EMIT answered(row->second);
    }
}

void ManyTexts::onReport(const runtime::BatchReport& report) {
    if (m_stage == Stage::Texts) {
        m_report = report;
    } else if (m_lanes) {
        auto compared = std::make_shared<trace::Lanes>(*m_lanes);
        compared->fullSeconds = report.seconds;
        compared->fullTokens = report.tokens;
        m_lanes = std::move(compared);
        m_lab.showLanes(m_lanes);
    }
}

void ManyTexts::onEnded(const runtime::JobEnded& ended) {
    if (ended.error) {
        end();
        if (ended.error->code() != ErrorCode::Interrupted) {
            Q_EMIT failed(QString::fromStdString(ended.error->message()),
                          QString::fromStdString(ended.error->hint()));
        }
    } else if (m_stage == Stage::Graded && std::ssize(*m_prompts) < m_asked.graded) {
        nextGraded();
    } else if (m_stage == Stage::Graded) {
        generate();
    } else if (m_stage == Stage::Texts && m_asked.comparesFullDepth && m_report && m_lanes &&
               m_lanes->recursions > 1 && m_lab.model() == m_model) {
        generateAtFullDepth();
    } else {
        end();
    }
}

} // namespace depthscope::lab
