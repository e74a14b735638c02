// SPDX-License-Identifier: MIT
// Many texts generated together, beside the laboratory, which stays live: prompts from a file or
// graded text, then the texts, then the same prompts at full depth where that is asked for. Their
// lanes go to the laboratory as they come. Owned by whoever shows it; GUI thread. Throws nothing.
#pragma once

#include "engine/runtime/batch_lines.h"
#include "engine/runtime/event.h"

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::lab {

class LabController;

class ManyTexts : public QObject {
    Q_OBJECT

public:
    struct Asked {
        QString file;    ///< prompts, .jsonl or .txt; empty: graded texts
        int graded = 32; ///< how many of those
        settings::BatchSettings batch;
        bool comparesFullDepth = true;
    };

    /// What has come of one request.
    struct Row {
        std::size_t number = 0;                     ///< the line of a file, from 0
        std::optional<runtime::BatchAnswer> answer; ///< nothing: not yet
        std::optional<Error> error;                 ///< of its line
    };

    explicit ManyTexts(LabController& lab, QObject* parent = nullptr);

    /// With the rule, the numbers of GENERATE and the model of the laboratory. Not while it runs.
    void start(const Asked& asked);
    void stop();

    [[nodiscard]] bool isRunning() const { return m_stage != Stage::Idle; }

    /// By their number.
    [[nodiscard]] const std::vector<Row>& rows() const { return m_rows; }

    /// Lines as `generate --prompts` writes them, of what has ended.
    [[nodiscard]] std::string lines() const;

    /// Of the texts, once they have ended.
    [[nodiscard]] const std::optional<runtime::BatchReport>& report() const { return m_report; }

Q_SIGNALS:
    /// Rows are there, or it has begun or ended.
    void changed();
    /// This row has an answer.
    void answered(int row);
    void progress(double fraction, const QString& what);
    void failed(const QString& message, const QString& hint);

private:
    enum class Stage : std::uint8_t { Idle, Graded, Texts, FullDepth };

    void readFile();
    void nextGraded();
    void generate();
    void generateAtFullDepth();
    void end();
    void onEvent(const runtime::Event& event);
    void onAnswer(const runtime::BatchAnswer& answer);
    void onReport(const runtime::BatchReport& report);
    void onEnded(const runtime::JobEnded& ended);
    [[nodiscard]] runtime::BatchRequest request() const;

    LabController& m_lab;
    Stage m_stage = Stage::Idle;
    Asked m_asked;
    settings::LabSettings m_settings; ///< when it began
    std::shared_ptr<const spec::ModelInfo> m_model;
    std::shared_ptr<runtime::BatchPrompts> m_prompts;
    std::vector<Row> m_rows;
    std::map<std::size_t, int> m_rowOf; ///< by number
    std::optional<runtime::BatchReport> m_report;
    trace::LanesPtr m_lanes; ///< of the texts
    runtime::JobId m_job = 0;
};

} // namespace depthscope::lab
