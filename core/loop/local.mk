# core/loop
