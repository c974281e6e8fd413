package retrieval_test

import (
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

func TestMemoryVectors(t *testing.T) {
	retrievaltest.TestVectorStore(t, func(*testing.T) retrieval.VectorStore { return retrieval.NewMemory() })
}
