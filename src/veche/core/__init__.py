"""The ground floor: appeals, findings, ids, time, text and errors. Depends on nothing of ours."""
