# make help lists the targets. .ci/run is the whole gate; each of its parts is a target here.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO            ?= go
GOLANGCI      ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME      ?= 10m
KILLS         ?= 50
# More flags for go test, as in: make test TESTFLAGS='-count=1'
TESTFLAGS     ?=
# In strict mode a package over its time budget and a skipped test are failures.
BUDGETFLAGS   := $(if $(filter 1,$(POLICYBOT_STRICT)),-strict -noskip)
COMPARE       := retrieval/compare
# Every package with a test that lets a vendor's client play.
CONFORMANCE    = $(sort $(dir $(shell grep -rlE --include='*_test.go' '^//go:build conformance$$' ./bot)))

.PHONY: help test browser axe conformance vendors screenshots race purego train lint fmt fuzz fuzz-short bench chaos chaos-short checkers byzantine storm load soak compare kill build tidy golden need-go

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

need-go:
	@command -v $(GO) >/dev/null || { echo 'Go is missing: install the version named in go.mod from https://go.dev/dl and run this again.'; exit 1; }
	@$(GO) list -m >/dev/null

test: need-go ## vet and every test that needs no C compiler; this alone proves a fresh machine
	@bash .ci/need git ca-certificates || echo 'going on without; a step that needs it will say so'
	@echo 'not in this target: race detector (make race), fuzzing (make fuzz), $(KILLS) kills (make kill), pages in a browser (make browser), clients of the chat vendors (make conformance), comparison with other engines (make compare), faults (make chaos), 10,000 lies (make byzantine), 10,000 answers in fakes of Slack and of WeCom that fail (make storm)'
	$(GO) vet ./...
	@$(GO) test -json -timeout 5m $(TESTFLAGS) ./... | $(GO) run .ci/budget.go $(BUDGETFLAGS)

browser: need-go ## the pages in Chromium: what people do there, hostile texts, accessibility (about 3 minutes)
	@bash .ci/need chromium fonts-noto-cjk npm || echo 'going on without; a test that needs it is skipped, in strict mode it fails'
	@$(MAKE) --no-print-directory axe || echo 'going on without; a test that needs it is skipped, in strict mode it fails'
	$(GO) vet -tags browser ./cmd/policybot
	@$(GO) test -tags browser -json -timeout 10m -run TestBrowser $(TESTFLAGS) ./cmd/policybot | $(GO) run .ci/budget.go $(filter -noskip,$(BUDGETFLAGS))

axe: .ci/axe/node_modules/axe-core/axe.min.js ## axe-core at its pinned version, for the browser tests alone

.ci/axe/node_modules/axe-core/axe.min.js: .ci/axe/package-lock.json
	@bash .ci/need npm
	@cd .ci/axe && npm ci --include=dev --ignore-scripts --no-audit --no-fund --silent && touch node_modules/axe-core/axe.min.js

conformance: need-go ## the chat vendors' own clients against our fakes and ciphers (needs node 20; about 30 seconds)
	@bash .ci/need nodejs npm || echo 'going on without; the test that needs it is skipped, in strict mode it fails'
	@$(MAKE) --no-print-directory vendors || echo 'going on without; the test that needs it is skipped, in strict mode it fails'
	$(GO) vet -tags conformance $(CONFORMANCE)
	@$(GO) test -tags conformance -json -timeout 5m -count=1 -run TestConformance $(CONFORMANCE) | $(GO) run .ci/budget.go $(filter -noskip,$(BUDGETFLAGS))

vendors: .ci/conformance/node_modules/.package-lock.json ## the vendors' clients at their pinned versions, for make conformance alone

.ci/conformance/node_modules/.package-lock.json: .ci/conformance/package-lock.json
	@bash .ci/need npm
	@cd .ci/conformance && npm ci --include=dev --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.package-lock.json

screenshots: need-go ## the pictures of docs/images again
	@bash .ci/need chromium fonts-noto-cjk
	$(GO) test -tags browser ./cmd/policybot -run 'TestBrowser(Ask|Library|Desk|Ops|Admin)$$' -count=1 -screenshots

race: need-go ## every test under the race detector (needs gcc)
	@bash .ci/need gcc
	CGO_ENABLED=1 $(GO) test -race -timeout 20m $(TESTFLAGS) ./...

purego: need-go ## the vector scan without its assembly, as on machines other than amd64
	$(GO) test -tags purego $(TESTFLAGS) ./retrieval/vector/... ./retrieval/chromem/...

train: need-go ## learn the ranker's weights again: make train STARD=FOLDER (see cmd/train-ranker)
	@[ -n '$(STARD)' ] || { echo 'name the folder with the STARD questions: make train STARD=FOLDER'; exit 1; }
	$(GO) run ./cmd/train-ranker -stard '$(STARD)'

lint: need-go ## golangci-lint with .golangci.yml, at a pinned version, outside go.mod
	$(GO) run $(GOLANGCI) run ./...

fmt: need-go ## format as lint wants it
	$(GO) run $(GOLANGCI) fmt ./...

fuzz: need-go ## every Fuzz function for FUZZTIME each (default 10m)
	@GO='$(GO)' bash .ci/fuzz $(FUZZTIME)

fuzz-short: need-go ## every Fuzz function for 5 seconds
	@GO='$(GO)' bash .ci/fuzz 5s

bench: need-go ## every benchmark
	$(GO) test -run '^$$' -bench . -benchmem ./...

compare: need-go ## tests and figures of the nested module that compares search engines
	@if [ ! -f $(COMPARE)/go.mod ]; then echo 'not run: $(COMPARE) is not in this tree'; else \
		cd $(COMPARE) && $(GO) test ./... && $(GO) run . ; fi

kill: need-go ## end the program KILLS times (default 50) while it writes; no acknowledged write may be lost
	POLICYBOT_KILLS=$(KILLS) $(GO) test ./cmd/policybot ./retrieval/sqlite -run TestKill -count=1 -v -timeout 30m

chaos: need-go ## the service under every fault, 20,000 questions and 200 kills (about 20 minutes)
	@bash .ci/need strace unshare prlimit
	$(GO) run ./cmd/chaos -long

chaos-short: need-go ## the same, a minute and a half
	@bash .ci/need strace unshare prlimit
	$(GO) run ./cmd/chaos -short

checkers: need-go ## both judges on all true paraphrases and the false sentences made of them (about 2 minutes)
	$(GO) test ./bot/guard/rephrased -run TestCheckers -count=1 -v -timeout 30m -part all

byzantine: need-go ## 10,000 answers of a model that lies, judged by a second implementation (about 10 minutes)
	$(GO) test ./bot/eval -run TestByzantine -count=1 -v -timeout 60m -byzantine 10000

storm: need-go ## 10,000 answers in a fake Slack that fails, 10,000 in a fake WeCom that does, and 50,000 documents at random through its renderer (about 25 minutes)
	$(GO) test ./bot/slack -run 'TestStorm$$' -count=1 -v -timeout 30m -answers 10000
	$(GO) test ./bot/slack/render -run 'TestJudge$$|TestRandomDocuments$$' -count=1 -v -timeout 60m -documents 50000
	$(GO) test ./bot/wecom/socket -run 'TestStorm$$' -count=1 -v -timeout 30m -storm 5000
	$(GO) test ./bot/wecom/app -run 'TestStorm$$' -count=1 -v -timeout 30m -storm 3000
	$(GO) test ./bot/wecom/callback -run 'TestStorm$$' -count=1 -v -timeout 30m -storm 2000

load: need-go ## how fast questions are acknowledged and answered (about 9 minutes)
	$(GO) run ./cmd/chaos -load

soak: need-go ## half an hour of load: memory, goroutines and descriptors stay
	$(GO) run ./cmd/chaos -soak 30m

build: need-go ## the static program, in bin/policybot
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/policybot ./cmd/policybot

tidy: need-go ## go mod tidy and verify, for both modules
	$(GO) mod tidy
	$(GO) mod verify
	@if [ -f $(COMPARE)/go.mod ]; then cd $(COMPARE) && $(GO) mod tidy && $(GO) mod verify; fi

# Only packages whose tests define an -update flag take it; read the diff before you keep it.
golden: need-go ## rewrite the recorded results of every test that has an -update flag
	@packages=$$(grep -rlE --include='*_test.go' 'flag\.Bool(Var)?\(.*"update"' . | grep -v '^./$(COMPARE)/' | xargs -r -n1 dirname | sort -u || true); \
	if [ -z "$$packages" ]; then echo 'no test has an -update flag'; else echo $$packages; $(GO) test -tags conformance $$packages -update; fi
