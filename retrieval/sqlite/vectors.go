package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"math"
	"slices"
	"strconv"

	"policybot/retrieval"
)

var _ retrieval.VectorStore = (*DB)(nil)

// A vectorModel is a row of models.
type vectorModel struct {
	number     int64
	name       string
	dimensions int
}

// PutVectors implements [retrieval.VectorStore]. Of vectors with the same key
// the first counts, and a stored one that is damaged is replaced. It waits as
// [DB.Put] does; when it returns an error nothing is stored, unless the commit
// itself failed half-way.
func (db *DB) PutVectors(ctx context.Context, model string, vectors []retrieval.StoredVector) error {
	dimensions, err := retrieval.CheckVectors(model, vectors)
	if err == nil {
		err = db.file.Update(ctx, func(tx *sql.Tx) error {
			if len(vectors) == 0 {
				return nil
			}
			m, err := openModel(ctx, tx, model, dimensions)
			if err != nil {
				return err
			}
			return db.writeVectors(ctx, tx, m, vectors)
		})
	}
	if err != nil {
		return db.fail(ctx, err, "put %d vectors of model %q", len(vectors), model)
	}
	return nil
}

// openModel returns the model of this name, which it makes when there is none.
func openModel(ctx context.Context, tx *sql.Tx, name string, dimensions int) (vectorModel, error) {
	m, err := readModel(ctx, tx, name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		m = vectorModel{name: name, dimensions: dimensions}
		err = tx.QueryRowContext(ctx, `INSERT INTO models (workspace, number, name, dimensions)
			SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ? FROM models WHERE workspace = ? RETURNING number`,
			retrieval.Workspace, name, dimensions, retrieval.Workspace).Scan(&m.number)
	case err == nil && m.dimensions != dimensions:
		err = fmt.Errorf("they have %d values, those stored have %d", dimensions, m.dimensions)
	}
	return m, err
}

func readModel(ctx context.Context, tx *sql.Tx, name string) (vectorModel, error) {
	m := vectorModel{name: name}
	err := tx.QueryRowContext(ctx, `SELECT number, dimensions FROM models WHERE workspace = ? AND name = ?`,
		retrieval.Workspace, name).Scan(&m.number, &m.dimensions)
	return m, err
}

// writeVectors writes in order of the keys, so that neighbours in the order of
// reading lie side by side in the file.
func (db *DB) writeVectors(ctx context.Context, tx *sql.Tx, m vectorModel, vectors []retrieval.StoredVector) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO vectors (workspace, model, key, checksum, vector)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (workspace, model, key) DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	sorted := slices.Clone(vectors)
	slices.SortStableFunc(sorted, func(a, b retrieval.StoredVector) int { return cmp.Compare(a.Key, b.Key) })
	var blob []byte
	for _, v := range sorted {
		blob = appendVector(blob[:0], v.Vector)
		sum := m.checksum(v.Key, blob)
		var added int64
		done, err := insert.ExecContext(ctx, retrieval.Workspace, m.number, v.Key, sum, blob)
		if err == nil {
			added, err = done.RowsAffected()
		}
		if err == nil && added == 0 {
			err = repair(ctx, tx, m, v.Key, sum, blob)
		}
		if err != nil {
			return fmt.Errorf("key %q: %w", v.Key, err)
		}
	}
	return nil
}

// repair replaces a stored vector if it is damaged.
func repair(ctx context.Context, tx *sql.Tx, m vectorModel, key string, sum int64, blob []byte) error {
	var storedSum, stored []byte // whatever the columns hold
	err := tx.QueryRowContext(ctx, `SELECT checksum, vector FROM vectors WHERE workspace = ? AND model = ? AND key = ?`,
		retrieval.Workspace, m.number, key).Scan(&storedSum, &stored)
	if err != nil {
		return err
	}
	if _, err := m.vector(key, storedSum, stored); err == nil {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE vectors SET checksum = ?, vector = ? WHERE workspace = ? AND model = ? AND key = ?`,
		sum, blob, retrieval.Workspace, m.number, key)
	return err
}

func appendVector(blob []byte, v []float32) []byte {
	for _, x := range v {
		blob = binary.LittleEndian.AppendUint32(blob, math.Float32bits(x))
	}
	return blob
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum covers the names too, so that a vector is not taken for another's.
func (m vectorModel) checksum(key string, blob []byte) int64 {
	names := m.name + "\x00" + key + "\x00"
	return int64(crc32.Update(crc32.Checksum([]byte(names), castagnoli), castagnoli, blob))
}

// vector is what a row of vectors holds, or says how it is damaged.
func (m vectorModel) vector(key string, sum, blob []byte) ([]float32, error) {
	if got := strconv.FormatInt(m.checksum(key, blob), 10); got != string(sum) {
		return nil, fmt.Errorf("its checksum is %s, want %s", got, sum)
	}
	if len(blob) != 4*m.dimensions {
		return nil, fmt.Errorf("it has %d bytes, want %d", len(blob), 4*m.dimensions)
	}
	v := make([]float32, m.dimensions)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	return v, retrieval.CheckVector(v, m.dimensions)
}

// Vectors implements [retrieval.VectorStore]. It yields what was stored when
// the loop began, and holds one of the DB's few connections until the loop
// ends: do not nest such loops.
func (db *DB) Vectors(ctx context.Context, model string) iter.Seq2[retrieval.StoredVector, error] {
	return func(yield func(retrieval.StoredVector, error) bool) {
		err := db.file.Read(ctx, func(tx *sql.Tx) error {
			m, err := readModel(ctx, tx, model)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			return db.readVectors(ctx, tx, m, func(v retrieval.StoredVector) bool { return yield(v, nil) })
		})
		if err != nil { // never after yield has returned false
			yield(retrieval.StoredVector{}, db.fail(ctx, err, "vectors of model %q", model))
		}
	}
}

// readVectors calls f with each vector of a model in order of their keys until
// it returns false.
func (db *DB) readVectors(ctx context.Context, tx *sql.Tx, m vectorModel, f func(v retrieval.StoredVector) bool) error {
	rows, err := tx.QueryContext(ctx, `SELECT key, checksum, vector FROM vectors WHERE workspace = ? AND model = ? ORDER BY key`,
		retrieval.Workspace, m.number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if ctx.Err() != nil { // rows notices some time later
			return ctx.Err()
		}
		var key string
		var sum, blob sql.RawBytes
		if err := rows.Scan(&key, &sum, &blob); err != nil {
			return err
		}
		v, err := m.vector(key, sum, blob)
		if err != nil {
			return db.file.Corrupt("vector %q of model %q: %w", key, m.name, err)
		}
		if !f(retrieval.StoredVector{Key: key, Vector: v}) {
			return nil
		}
	}
	return rows.Err()
}

// Activate implements [retrieval.VectorStore]. It waits as [DB.Put] does.
func (db *DB) Activate(ctx context.Context, c retrieval.Collection) error {
	err := c.Check()
	if err == nil {
		err = db.file.Update(ctx, func(tx *sql.Tx) error {
			now, err := db.readCollections(ctx, tx)
			if err != nil {
				return err
			}
			if now.Active != nil && now.Active.Model != c.Model {
				if err := writeCollection(ctx, tx, rolePrevious, *now.Active); err != nil {
					return err
				}
			}
			return writeCollection(ctx, tx, roleActive, c)
		})
	}
	if err != nil {
		return db.fail(ctx, err, "activate model %q", c.Model)
	}
	return nil
}

// Roles of a row of collections.
const (
	roleActive   = "active"
	rolePrevious = "previous"
)

func writeCollection(ctx context.Context, tx *sql.Tx, role string, c retrieval.Collection) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO collections (workspace, role, model, dimensions, weight, report, built_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace, role) DO UPDATE SET model = excluded.model, dimensions = excluded.dimensions,
			weight = excluded.weight, report = excluded.report, built_at = excluded.built_at`,
		retrieval.Workspace, role, c.Model, c.Dimensions, c.Weight, c.Report, c.BuiltAt)
	return err
}

// Collections implements [retrieval.VectorStore].
func (db *DB) Collections(ctx context.Context) (retrieval.Collections, error) {
	var both retrieval.Collections
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		var err error
		both, err = db.readCollections(ctx, tx)
		return err
	})
	if err != nil {
		return retrieval.Collections{}, db.fail(ctx, err, "collections")
	}
	return both, nil
}

func (db *DB) readCollections(ctx context.Context, tx *sql.Tx) (retrieval.Collections, error) {
	var both retrieval.Collections
	rows, err := tx.QueryContext(ctx, `SELECT role, model, dimensions, weight, report, built_at FROM collections WHERE workspace = ?`,
		retrieval.Workspace)
	if err != nil {
		return both, err
	}
	defer rows.Close()
	for rows.Next() {
		var role string
		var c retrieval.Collection
		if err := rows.Scan(&role, &c.Model, &c.Dimensions, &c.Weight, &c.Report, &c.BuiltAt); err != nil {
			return both, err
		}
		if err := c.Check(); err != nil {
			return both, db.file.Corrupt("%s collection: %w", role, err)
		}
		switch role {
		case roleActive:
			both.Active = &c
		case rolePrevious:
			both.Previous = &c
		default:
			return both, db.file.Corrupt("a collection has role %q", role)
		}
	}
	return both, rows.Err()
}

// DropVectors implements [retrieval.VectorStore]. It waits as [DB.Put] does.
// The file does not shrink; later puts use the space.
func (db *DB) DropVectors(ctx context.Context, model string) error {
	err := db.file.Update(ctx, func(tx *sql.Tx) error {
		now, err := db.readCollections(ctx, tx)
		if err != nil {
			return err
		}
		if err := now.Uses(model); err != nil {
			return err
		}
		m, err := readModel(ctx, tx, model)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM vectors WHERE workspace = ? AND model = ?`, retrieval.Workspace, m.number); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM models WHERE workspace = ? AND number = ?`, retrieval.Workspace, m.number)
		return err
	})
	if err != nil {
		return db.fail(ctx, err, "drop vectors of model %q", model)
	}
	return nil
}

// checkVectors reads every vector, and the collections.
func (db *DB) checkVectors(ctx context.Context, tx *sql.Tx) error {
	models, err := readModels(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range models {
		if err := db.readVectors(ctx, tx, m, func(retrieval.StoredVector) bool { return true }); err != nil {
			return err
		}
	}
	now, err := db.readCollections(ctx, tx)
	if err != nil {
		return err
	}
	if p := now.Previous; p != nil && (now.Active == nil || now.Active.Model == p.Model) {
		return db.file.Corrupt("the previous collection, %q, is not followed by another", p.Model)
	}
	return nil
}

func readModels(ctx context.Context, tx *sql.Tx) ([]vectorModel, error) {
	rows, err := tx.QueryContext(ctx, `SELECT number, name, dimensions FROM models WHERE workspace = ? ORDER BY number`, retrieval.Workspace)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []vectorModel
	for rows.Next() {
		var m vectorModel
		if err := rows.Scan(&m.number, &m.name, &m.dimensions); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}
