package main

import (
	"encoding/json"
	"fmt"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

// resourceFile is what the page's forms, and the object that hides secrets, are made of.
const resourceFile = "luci-app/htdocs/luci-static/resources/wandns/providers.json"

// service is what a form needs of a provider.Info.
type service struct {
	Name    string            `json:"name"`
	Title   string            `json:"title"`
	Website string            `json:"website"`
	CanTest bool              `json:"can_test,omitempty"`
	Options []provider.Option `json:"options"`
	Record  []provider.Option `json:"record,omitempty"` // options of a record at this service
}

// resource is the file's text: the same tables that the program itself reads by, one service or
// option a line, so that a change of one is a change of one line.
func resource() ([]byte, error) {
	text := []byte("{\n")
	for i, kind := range config.SectionTypes() {
		name := kind
		if i == 0 {
			name = "main"
		}
		var rows []any
		for _, o := range config.Options(kind) {
			rows = append(rows, o)
		}
		text = appendRows(text, name, rows)
		text = append(text, ",\n"...)
	}
	var rows []any
	for _, p := range provider.All() {
		rows = append(rows, service{p.Name, p.Title, p.Website, p.Limits.CanTest, p.Options, p.RecordOptions})
	}
	text = append(appendRows(text, "providers", rows), "\n}\n"...)
	if !json.Valid(text) {
		return nil, fmt.Errorf("%s would not be JSON", resourceFile)
	}
	return text, nil
}

func appendRows(text []byte, name string, rows []any) []byte {
	text = append(text, `"`+name+"\": ["...)
	for i, row := range rows {
		line, err := json.Marshal(row)
		if err != nil {
			panic(err) // plain structs of strings
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(text, '\n'), line...)
	}
	return append(text, ']')
}
